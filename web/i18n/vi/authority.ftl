# Texts of the pages of the authority, in Vietnamese.

authority-region = Vùng { $value }
authority-visits = Lượt ra vào
authority-entries = Lượt vào
authority-exits = Lượt ra
authority-refusals = Từ chối
authority-unreadable = Không đọc được
authority-alerts = Cảnh báo
authority-questions = Câu hỏi truy vết
authority-chart = Lượt theo địa điểm
authority-venues = Địa điểm
authority-no-venues = Chưa có địa điểm nào gửi lượt ra vào.
authority-bulletins = Bản tin đang có hiệu lực

trace-title = Truy vết tiếp xúc
trace-text = Mở các danh tính đã niêm phong. Mỗi câu hỏi được ghi vào nhật ký cùng hồ sơ, mục đích và thời gian trước khi trả lời, và được đếm công khai.
trace-case = Số hồ sơ
trace-purpose = Mục đích
trace-who = Người
trace-who-hint = Mã của người đó, hoặc 32 ký tự của bí danh; hoặc số với loại đứng trước, ví dụ cccd:001080000001 hay phone:+84901234567
trace-from = Từ
trace-until = Đến
trace-zone = Giờ theo { $value }.
trace-ask = Ghi nhật ký và truy vết
trace-asked-by = Người hỏi
trace-error = Câu hỏi chưa được gửi.
trace-error-case = Hãy nhập số hồ sơ, tối đa 200 ký tự.
trace-error-purpose = Hãy nhập mục đích, tối đa 200 ký tự.
trace-error-window = Hãy nhập lúc bắt đầu và lúc kết thúc muộn hơn, tối đa 60 ngày.
trace-error-asked-by = Hãy cho biết ai hỏi, tối đa 200 ký tự.
trace-error-who = Hãy nhập mã hoặc bí danh của người đó.
trace-error-code = Mã này không chỉ ai cả: { $value }.
trace-error-from = Hãy nhập ngày và giờ bắt đầu.
trace-error-until = Hãy nhập ngày và giờ kết thúc.
trace-error-ledger = Không đọc hoặc ghi được nhật ký hay các lượt ra vào. Chưa mở gì cả.
trace-result = Trả lời
trace-subject = Bí danh
trace-window = Khoảng thời gian
trace-stays = { $n ->
    [0] Không có lần ở lại nào trong khoảng này
   *[other] { $n } lần ở lại
}
tell = Báo cho các địa điểm
tell-text = Mỗi địa điểm sẽ thấy trong danh sách bất thường lượt nào cần xem lại, nhưng không thấy đó là ai. Không thể rút lại.
tell-sure = Đúng, báo cho họ
told = { $n ->
    [0] Không có lượt nào được báo cho địa điểm
   *[other] Đã báo { $n } lượt cho các địa điểm
}
trace-contacts = { $n ->
    [0] Không có tiếp xúc nào trong khoảng này
   *[other] { $n } tiếp xúc
}
trace-assumed = ước tính đến { $value }
trace-timeline = Lần ở lại và tiếp xúc theo thời gian
trace-again = Hỏi câu khác
trace-minutes = { $n ->
   *[other] { $n } phút
}
