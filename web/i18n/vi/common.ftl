# Texts of every page, in Vietnamese.

languages = Ngôn ngữ
skip = Đến nội dung
nav-home = Tổng quan
nav-door = Màn hình cửa
nav-desk = Bàn kiểm soát
nav-venue = Địa điểm
nav-authority = Cơ quan y tế
leave = Đăng xuất
version = Phiên bản { $value }
live = Trực tiếp
live-lost = Mất kết nối với nút. Đang thử lại…

action-welcome = Xin mời vào
action-goodbye = Tạm biệt
action-wait = Vui lòng chờ
action-no-entry = Không được vào
action-again = Vui lòng thử lại

status-green = Xanh lá
status-blue = Xanh dương
status-yellow = Vàng
status-red = Đỏ
status-grey = Chưa xác nhận

until = { $status } đến { $time }
until-then = { $status } đến { $time }, sau đó { $then }

advice-staff = Vui lòng gặp nhân viên.
advice-again = Giữ mã phẳng và yên, tăng độ sáng màn hình.
advice-other-code = Hãy đưa mã sức khỏe: mã bắt đầu bằng ST1, HC1 hoặc shc.
advice-home = Vui lòng không vào. Hãy làm theo hướng dẫn của cơ quan y tế.
advice-later = Vui lòng quay lại sau.
advice-decision = Nhân viên đang xem xét.

reason-bad-prefix = Loại mã này không đọc được ở đây
reason-bad-base45 = Mã bị hỏng
reason-bad-encoding = Mã bị hỏng
reason-bad-compression = Mã bị hỏng
reason-bad-json = Mã bị hỏng
reason-bad-cbor = Mã bị hỏng
reason-malformed = Mã thiếu hoặc sai
reason-too-large = Mã quá dài
reason-not-a-credential = Đây không phải mã sức khỏe
reason-unsupported-format = Loại mã này không được kiểm tra ở đây
reason-unsupported-algorithm = Loại chữ ký này không được kiểm tra ở đây
reason-incomplete = Đã đọc một phần, hãy đưa phần tiếp theo
reason-unknown-issuer = Nơi cấp mã không được biết ở đây
reason-issuer-not-valid = Khóa của nơi cấp hiện không có hiệu lực
reason-bad-signature = Chữ ký của mã không thật
reason-no-proof = Hãy mở mã trên điện thoại: ảnh chụp mã không được tính
reason-stale-proof = Mã đã cũ: hãy mở lại mã trên điện thoại
reason-key-usage = Nơi cấp không được phép cấp loại mã này
reason-not-yet-valid = Mã chưa có hiệu lực
reason-expired = Mã đã hết hạn
reason-revoked = Mã đã bị thu hồi
reason-status-green = Theo quy định, hiện chưa nhận mã xanh lá
reason-status-blue = Theo quy định, hiện chưa nhận mã xanh dương
reason-status-yellow = Đã tiếp xúc với ca bệnh xác nhận
reason-status-red = Xét nghiệm dương tính
reason-status-grey = Mã không cho biết điều gì đang có hiệu lực
reason-unverified = Chỉ biết số, cơ quan y tế chưa trả lời
reason-specimen = Đây là mã mẫu
reason-minor = Người chưa thành niên: vào cùng người lớn
reason-no-policy = Cửa này chưa có quy định của vùng
reason-stale-lists = Danh sách của cửa này đã cũ
reason-clock-unknown = Cửa này không biết chắc giờ
reason-already-inside = Mã này đã vào bên trong
reason-not-inside = Mã này không ở bên trong
reason-full = Địa điểm đã đầy
reason-venue-closed = Loại địa điểm này hiện không được mở cửa trong vùng này
reason-venue-excluded = Cơ quan đã tạm thời loại cơ sở này
reason-closed-now = Ngoài giờ địa điểm được phép mở cửa
reason-house-status = Quy định riêng của địa điểm: trạng thái này không được vào đây
reason-house-document = Quy định riêng của địa điểm: nhân viên xem giấy tờ tùy thân trước
reason-house-closed = Vào giờ này địa điểm không cho ai vào
reason-house-full = Quy định riêng của địa điểm: không thêm khách bên trong
reason-no-rights = Chỗ trống do các cửa khác giữ; cửa này không còn chỗ
reason-paper = Ghi trên giấy và nhập sau
reason-staff = Do nhân viên quyết định
reason-fever = Bị sốt
reason-not-recorded = Cửa không ghi được lượt ra vào
reason-door-removed = Cửa này không còn thuộc địa điểm nữa
none-yet = chưa có
never = chưa bao giờ
clock-trusted = Đáng tin
clock-bounded = Chạy không có nguồn giờ; chỉ có thể chậm
clock-unknown = Không đáng tin. Không thể xác nhận mã chưa hết hạn.
clock-unread = Chưa đọc

age-seconds = { $n ->
   *[other] { $n } giây
}
age-minutes = { $n ->
   *[other] { $n } phút
}
age-hours = { $n ->
   *[other] { $n } giờ
}
age-days = { $n ->
   *[other] { $n } ngày
}

tab-venue = Tổng quan địa điểm
tab-anomalies = Bất thường
tab-doors = Cửa và ghép nối
reload = Tải lại

error-title = Không thực hiện được
error-not-found = Nút này không có trang đó.
error-forbidden = Biểu mẫu đã hết hạn hoặc đến từ trang khác. Hãy mở lại trang.
error-host = Nút này không trả lời tên đó. Hãy dùng địa chỉ của chính nó.
error-too-large = Gửi quá nhiều dữ liệu.
error-busy = Quá nhiều màn hình đang kết nối. Hãy đóng bớt rồi thử lại.
error-malformed = Không đọc được yêu cầu.
error-slow = Yêu cầu mất quá nhiều thời gian.
error-internal = Có lỗi bên trong nút. Nguyên nhân nằm trong nhật ký của nút.
error-back = Về tổng quan
