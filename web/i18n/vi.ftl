# Every text of the screens, in Vietnamese.

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

home-title = Nút này
home-door = Màn hình cạnh lối vào: những gì khách nhìn thấy.
home-desk = Kiểm tra mã bằng tay, xác nhận cho qua hoặc từ chối.
home-venue = Số người bên trong, các cửa, đồng bộ và tình trạng thiết bị.
home-authority = Lượt ra vào trong vùng ngay khi đến, và truy vết tiếp xúc.
home-open = Mở
home-locked = Cần khóa truy cập

enter-title = Khóa truy cập
enter-text = Trang này cần khóa truy cập của nút. Khóa được in ra khi khởi động lần đầu và được giữ trong thư mục dữ liệu của nút.
enter-key = Khóa truy cập
enter-go = Tiếp tục
enter-wrong = Đây không phải khóa truy cập của nút này. Hãy kiểm tra từng ký tự rồi thử lại.
enter-locked = Quá nhiều khóa sai từ địa chỉ này. Hãy đợi một phút rồi thử lại.

door-hold = Đưa mã trước camera, cách 10–25 cm
door-sound = Chờ âm thanh
door-go = Làm theo biểu tượng trên màn hình
door-no-phone = Không có điện thoại? Hãy hỏi nhân viên.
door-inside = Đang ở bên trong
door-direction-in = Lối vào
door-direction-out = Lối ra
door-direction-both = Lối vào và ra

action-welcome = Xin mời vào
action-goodbye = Tạm biệt
action-wait = Vui lòng chờ
action-no-entry = Không được vào
action-again = Vui lòng thử lại
action-noted = Đã ghi nhận

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
reason-key-usage = Nơi cấp không được phép cấp loại mã này
reason-not-yet-valid = Mã chưa có hiệu lực
reason-expired = Mã đã hết hạn
reason-revoked = Mã đã bị thu hồi
reason-status-green = Theo quy định, hiện chưa nhận mã xanh lá
reason-status-blue = Theo quy định, hiện chưa nhận mã xanh dương
reason-status-yellow = Đã tiếp xúc với ca bệnh xác nhận
reason-status-red = Xét nghiệm dương tính
reason-status-grey = Mã không cho biết điều gì đang có hiệu lực
reason-specimen = Đây là mã mẫu
reason-no-policy = Cửa này chưa có quy định của vùng
reason-stale-lists = Danh sách của cửa này đã cũ
reason-clock-unknown = Cửa này không biết chắc giờ
reason-already-inside = Mã này đã vào bên trong
reason-not-inside = Mã này không ở bên trong
reason-full = Địa điểm đã đầy
reason-staff = Do nhân viên quyết định
reason-not-recorded = Cửa không ghi được lượt ra vào

desk-code = Mã
desk-code-hint = Gõ, dán hoặc dùng máy quét cầm tay. Enter để kiểm tra.
desk-check = Kiểm tra
desk-waiting = Đang chờ bạn quyết định
desk-nobody = Không có ai đang chờ.
desk-release = Cho qua
desk-refuse = Từ chối
desk-release-key = Enter
desk-refuse-key = Esc
desk-name = Tên trên mã
desk-read-at = Đọc lúc { $value }
desk-recent = Quyết định gần đây
desk-recent-none = Chưa có quyết định nào từ khi nút khởi động.
desk-empty = Hãy nhập mã trước.
desk-no-credential = Chưa ghi nhận gì. { $value }.
desk-error-unknown = Đã quyết định rồi, hoặc đã quá hai phút. Hãy kiểm tra mã lại.
desk-error-binding = Quy định của vùng không cho phép bạn cho khách này qua.
desk-error-ledger = Cửa không ghi được lượt ra vào. Đừng cho khách qua theo màn hình này; hãy kiểm tra ổ đĩa.
outcome-admit = Quy định cho vào
outcome-refuse = Quy định từ chối
outcome-cannot-confirm = Không thể xác nhận

kind-entry = Vào
kind-exit = Ra
kind-refusal = Từ chối
kind-correction = Đính chính
decider-verdict = Theo quy định
decider-staff = Nhân viên

column-time = Giờ
column-decision = Quyết định
column-status = Trạng thái
column-reason = Lý do
column-decider = Quyết định bởi
column-door = Cửa
column-entries = Lượt vào
column-exits = Lượt ra
column-refusals = Từ chối
column-unacknowledged = Chưa đến cơ quan
column-last = Lượt gần nhất
column-heard = Liên lạc gần nhất
column-bulletin = Bản tin
column-version = Phiên bản
column-age = Tuổi
column-valid = Hiệu lực đến
column-venue = Địa điểm
column-doors = Cửa
column-visits = Lượt
column-entered = Vào lúc
column-left = Ra lúc
column-overlap = Cùng nhau
column-person = Người

venue-inside = Đang ở bên trong
venue-capacity = trên { $value }
venue-entries = Lượt vào hôm nay
venue-exits = Lượt ra hôm nay
venue-refusals = Từ chối hôm nay
venue-pending = Chưa đến cơ quan y tế
venue-doors = Các cửa
venue-own = cửa này
venue-sync = Đồng bộ
venue-no-peers = Nút này không có nút bạn.
venue-bulletins = Bản tin của cơ quan y tế
venue-no-bulletins = Chưa có bản tin nào. Chưa thể xác nhận mã khi chưa có quy định và danh sách tin cậy.
venue-state = Thiết bị
venue-clock = Đồng hồ
venue-scanner = Máy quét
venue-disk = Ổ đĩa
none-yet = chưa có
never = chưa bao giờ
clock-trusted = Đáng tin
clock-bounded = Chạy không có nguồn giờ; chỉ có thể chậm
clock-unknown = Không đáng tin. Không thể xác nhận mã chưa hết hạn.
clock-unread = Chưa đọc
scanner-none = Nút này không có camera
camera-opening = Đang mở camera
camera-running = Đang đọc
camera-lost = Không có sẵn
camera-ended = Không còn hình ảnh
scanner-facts = { $frames } khung hình, bỏ { $dropped }, { $scans } mã; giải mã { $p50 } ms, 95 % trong { $p95 } ms
disk-ok = Đang ghi
disk-trouble = Lần ghi cuối thất bại: { $value }
peer-up = Đã kết nối
peer-down = Chưa kết nối: { $value }
peer-refused = Bị ngắt: { $value }
peer-since = từ { $value }
refused-unknown-membership = chứng chỉ không thuộc vùng này
refused-other-node = chứng chỉ thuộc về nút khác
refused-other-venue = chứng chỉ dành cho địa điểm khác
refused-membership-not-yet-valid = chứng chỉ chưa có hiệu lực
refused-membership-expired = chứng chỉ đã hết hạn
refused-membership-malformed = chứng chỉ bị hỏng
bulletin-policy = Quy định
bulletin-trust = Danh sách tin cậy
bulletin-tracing-keys = Khóa truy vết
bulletin-revocations = Mã bị thu hồi
bulletin-membership = Thành viên
bulletin-standing = Tình hình
bulletin-overdue = quá hạn

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

authority-region = Vùng { $value }
authority-visits = Lượt ra vào
authority-entries = Lượt vào
authority-exits = Lượt ra
authority-refusals = Từ chối
authority-unreadable = Không đọc được
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
trace-who-hint = Mã của người đó, hoặc 32 ký tự của bí danh
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
