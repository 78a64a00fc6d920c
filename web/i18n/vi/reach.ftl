# Giấy tờ, tình trạng, thông báo, chờ, câu hỏi: điều cơ quan báo cho cơ sở.
reach-papers = Giấy chứng nhận của nút
reach-papers-until = Có hiệu lực đến { $value }.
reach-papers-ended = Đã hết hạn lúc { $value }: các nút khác từ chối nút này. Hãy xin giấy mới từ người quản lý hoặc cơ quan.
reach-papers-text = Tự gia hạn trước khi hết hạn, ngay khi liên lạc được với cơ quan, tại đây hoặc qua cửa khác.
bulletin-announcements = Thông báo
office-policy-excluded-venues = Áp dụng gì tại cơ sở bị loại
office-word-no-privileges = không ưu đãi
office-word-advise = chỉ hiển thị
reach-until = đến { $value }
reach-venue-test = Cơ quan cho biết: chế độ thử nghiệm đến { $value }. Kiểm tra chỉ nhắc nhở.
reach-venue-excluded = Cơ quan đã loại cơ sở này đến { $value }.
reach-announced = Thông báo của cơ quan (đến { $value })
reach-change-standing = Cơ sở { $venue }: { $before } thành { $after }
reach-change-announced = Từ nay được thông báo: { $value }
reach-change-unannounced = Không còn được thông báo: { $value }
reach-stands-good = bình thường
reach-stands-test = chế độ thử nghiệm đến { $value }
reach-stands-excluded = bị loại đến { $value }
reach-announce-title = Thông báo cho các cơ sở
reach-announce-none = Hiện không có thông báo nào.
reach-announce-all = mọi cơ sở
reach-announce-new = Thông báo mới
reach-announce-text = Hiển thị trên trang của những cơ sở liên quan, bằng ngôn ngữ của người đọc, đến thời hạn. Được phát hành khi đủ chữ ký gốc.
reach-announce-until = Hiển thị đến
reach-announce-areas = Chỉ ở các khu vực này, cách nhau bằng dấu phẩy
reach-announce-activities = Chỉ cho mã hoạt động bắt đầu như sau
reach-announce-venues = Chỉ cho các cơ sở có số này
reach-announce-back = Thu hồi
reach-announce-until-wrong = Hãy ghi hiển thị đến khi nào: một thời điểm trong tương lai.
reach-announce-venues-wrong = Cơ sở được ghi bằng số, cách nhau bằng dấu phẩy.
reach-announce-gone = Thông báo này không còn hiệu lực.
reach-standing-title = Tình trạng các cơ sở
reach-standing-text = Chế độ thử nghiệm và việc loại trừ theo sổ đăng ký và các vi phạm đã xác nhận vào lúc này. Các cửa làm theo khi bản tin được ký.
reach-waits = Hiện chưa nhận lượt ghé thăm; sẽ gửi lại lúc { $value }. Không mất gì, mã vẫn được kiểm tra như thường.
reach-asked = Câu hỏi truy vết
reach-asked-times = { $n ->
    [0] Cơ quan chưa xem các lượt ghé cơ sở này.
   *[other] { $n } câu hỏi truy vết của cơ quan đã xem các lượt ghé cơ sở này.
}
