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
reason-specimen = Đây là mã mẫu
reason-minor = Người chưa thành niên: vào cùng người lớn
reason-no-policy = Cửa này chưa có quy định của vùng
reason-stale-lists = Danh sách của cửa này đã cũ
reason-clock-unknown = Cửa này không biết chắc giờ
reason-already-inside = Mã này đã vào bên trong
reason-not-inside = Mã này không ở bên trong
reason-full = Địa điểm đã đầy
reason-no-rights = Chỗ trống do các cửa khác giữ; cửa này không còn chỗ
reason-staff = Do nhân viên quyết định
reason-not-recorded = Cửa không ghi được lượt ra vào
reason-door-removed = Cửa này không còn thuộc địa điểm nữa

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
hint-camera-blocked = Có vật che máy ảnh
hint-too-dark = Quá tối để đọc mã: cần thêm ánh sáng ở cửa
hint-inverted = Mã bị đảo sáng tối: hãy dùng nền sáng
hint-too-far = Mã được giơ quá xa
hint-too-near = Mã được giơ quá gần
hint-glare = Ánh phản chiếu che mã: hãy nghiêng nhẹ
hint-screen-dim = Màn hình của khách quá tối
hint-blurred = Mã bị nhòe: giữ yên hoặc chỉnh nét máy ảnh
hint-camera-moved = Máy ảnh đang nhìn sang chỗ khác
hint-dirty-lens = Không có gì rõ nét: lau ống kính hoặc chỉnh nét
poster-outdated = Áp phích ở cửa đã cũ: hãy in bản hiện hành
poster-other-door = Áp phích ở cửa là của cửa khác
poster-other-venue = Áp phích ở cửa là của nơi khác
poster-broken = Không đọc được áp phích ở cửa
scanner-wait = Từ lúc thấy mã đến khi đọc: { $p50 } ms, 95 % trong { $p95 } ms.
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
bulletin-beacon = Thời gian
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

tab-venue = Tổng quan địa điểm
tab-anomalies = Bất thường
tab-doors = Cửa và ghép nối
reload = Tải lại

inside-between = { $lo }–{ $hi }
inside-at-least = ít nhất { $value }
zone-inside = Đang ở bên trong, khu { $value }
zone-unseen = Mất liên lạc với cửa: { $door }, từ { $time }
zone-unseen-never = Chưa từng liên lạc được với cửa: { $value }
zone-range = Từ { $lo } đến { $hi } trên { $most }
zone-rights = Cửa này còn có thể cho vào: { $value }
zone-advisory = tham khảo
zone-advisory-text = Các cửa cộng lại có thể cho vào quá giới hạn này.

alarm-unsent = Lượt ra vào từ { $day } chưa đến cơ quan y tế. Còn lại trước khi bị hủy: { $left }. Hãy mang đi bằng USB: { $command }
alarm-duplicates = Có thể có trùng lặp từ { $time }. Mất liên lạc với cửa: { $doors }
alarm-duplicates-ever = Có thể có trùng lặp. Mất liên lạc với cửa: { $value }
alarm-anomalies = { $n ->
   *[other] { $n } bất thường cần xem
}

anomalies-none = Không có gì cần xem.
anomalies-duplicates = Một mã vào hai lần
anomalies-duplicates-do = Hãy hỏi những người liên quan: có thể hai người dùng chung một mã, hoặc ai đó ra mà không được ghi. Lượt vào không có thật thì có thể bỏ. Nó vẫn được lưu nhưng không còn được tính.
anomalies-clones = Thẻ nhớ bị sao chép
anomalies-clones-do = Hai lần khởi động của một cửa đã ghi cùng lúc: thẻ nhớ bị sao chép hoặc đồng hồ bị vặn lùi. Hãy tìm thiết bị thứ hai và tắt đi. Nếu không có thiết bị thừa, hãy gỡ cửa với lý do bị mất rồi ghép nối lại.
anomalies-forked = Hai lịch sử của một cửa
anomalies-forked-do = Các cửa này đã ký hai lịch sử khác nhau; cả hai được giữ làm bằng chứng. Hãy gỡ cửa đó với lý do bị mất, ghép nối lại và báo cho cơ quan y tế.
anomalies-gaps = Bị hủy trước khi cơ quan nhận được
anomalies-gaps-do = Không ai lấy lại được các bản ghi này. Hãy báo cho cơ quan y tế cửa, ngày và số lượng; lần sau hãy kết nối các cửa hoặc mang dữ liệu đi bằng USB kịp thời.
anomalies-alerts = Mã không còn đúng
anomalies-alerts-do = Đừng tự tìm khách: cơ quan y tế biết đó là ai. Hãy chuẩn bị sẵn giờ và cửa khi họ gọi.
anomaly-entry = { $door }, { $time }
anomaly-clone = { $door }: cả hai cùng ghi từ { $from } đến { $to }
anomaly-gap = { $door }, { $day }: { $records }
anomaly-records = { $n ->
   *[other] { $n } bản ghi
}
anomaly-noted = ghi nhận { $value }
anomaly-part = khu { $value }
anomaly-revoked = Mã bị thu hồi sau khi khách đã đến
anomaly-status = Trạng thái không như mã đã ghi
anomaly-by-authority = do cơ quan y tế phát hiện
anomaly-by-door = do một cửa phát hiện
void = Bỏ lượt vào này
void-text = Lượt vào { $value } sẽ không được tính ở bất kỳ cửa nào nữa, và không ai khôi phục được.
void-sure = Đúng, bỏ lượt này
void-unknown = Lượt vào này không còn trong danh sách.
act-error-ledger = Không ghi được nên chưa có gì thay đổi. Hãy kiểm tra ổ đĩa.

click-title = Người không có mã
click-in = Một người vào
click-out = Một người ra
click-hint = Chỉ đếm, không ghi tên. Con số thay đổi khi đã ghi an toàn.
click-failed = Lượt đó chưa được tính. Hãy tải lại trang và xem con số.
desk-staff-pass = Thẻ nhân viên
desk-undo = Rút lại
desk-undone = đã rút lại
desk-undo-late = Ở đây chỉ rút lại được quyết định trong 60 giây gần nhất. Hãy xem trang bất thường.

count-title = Đặt lại số người
count-text = Hãy đếm tất cả những người bên trong rồi ghi số vào đây. Sai lệch trước đó sẽ hết, ở mọi cửa.
count-zone = Khu của địa điểm
count-zone-whole = Toàn bộ địa điểm
count-inside = Số người đếm được
count-sure = Tôi vừa đếm xong
count-set = Đặt số người
count-error-number = Hãy ghi số người bên trong bằng chữ số.
count-error-sure = Hãy xác nhận rằng vừa đếm xong.

notes-title = Ghi chú ca trực
notes-none = Chưa có ghi chú.
notes-text = Ghi chú mới
notes-hint = Mọi cửa của địa điểm đều thấy. Không ghi tên khách.
notes-add = Thêm ghi chú
notes-edit = Sửa
notes-save = Lưu
notes-remove = Xóa
notes-keep = Giữ bản này
notes-both = Hai cửa đã ghi cùng lúc. Hãy giữ một bản:
notes-by = { $who }, { $time }
notes-manager = người quản lý
notes-error-empty = Hãy viết gì đó trước.
notes-error-long = Quá dài. Hãy rút còn khoảng 300 chữ cái.
notes-error-changed = Trong lúc đó đã có người sửa. Nội dung bạn viết ở bên dưới; hãy xem bản hiện tại rồi lưu lại.
fields-title = Về địa điểm này
fields-none = chưa đặt
fields-hint = Được sửa ở cửa giữ khóa của người quản lý.
field-name = Tên
field-address = Địa chỉ
field-hours = Giờ mở cửa

doors-title = Các cửa của địa điểm
doors-direction = Hướng
doors-state = Tình trạng
doors-node = Khóa
doors-none = Không có cửa nào có giấy tờ của địa điểm này.
door-own = cửa này
door-up = đã kết nối
door-down = mất liên lạc từ { $value }
door-unheard = mất liên lạc
door-removed-lost = đã gỡ vì bị mất, { $value }
door-removed-replaced = đã thay, { $value }
door-removed-retired = đã ngừng dùng, { $value }
doors-elsewhere = Việc mời và gỡ cửa được làm ở cửa giữ khóa của người quản lý. Đây không phải cửa đó.
invite-title = Mời một cửa
invite-text = Thiết bị mới đọc mã trên màn hình này, gọi đến cửa này rồi nhận giấy tờ và khóa. Mã có hiệu lực mười phút, cho một thiết bị.
invite-wifi = Tên Wi-Fi, nếu thiết bị mới cần
invite-wifi-key = Mật khẩu Wi-Fi
invite-replaces = Thay chỗ của
invite-replaces-none = không: thêm một cửa
invite-go = Hiện mã
invite-wifi-error = Wi-Fi cần tên tối đa 32 chữ và mật khẩu từ 8 đến 63 ký tự.
invite-failed = Không tạo được lời mời: { $value }
invite-cancel = Kết thúc lời mời
invited-title = Lời mời
invited-scan = Đưa camera của thiết bị mới vào mã này, hoặc dán văn bản ở đó bằng: vestibule pair join
invited-secret = Ai thấy mã này đều có thể trở thành cửa của địa điểm. Đừng gửi, đừng chụp ảnh.
invited-code = Mã mời một cửa
invited-text = Dưới dạng văn bản
invited-back = Về danh sách cửa
pairing-idle = Chưa mời ai.
pairing-waiting = Đang chờ thiết bị mới đến { $value }
pairing-wrong = Cuộc gọi chưa thấy mã: { $value }. Đủ ba thì lời mời kết thúc.
pairing-joined = Cửa đã tham gia: { $door }, lúc { $time }
pairing-expired = Lời mời đã hết hạn.
pairing-broken = Lời mời đã kết thúc sau ba cuộc gọi sai. Có người trong mạng đang dò mã.
pairing-over = Lời mời đã kết thúc.
remove-title = Gỡ một cửa
remove-text = Cửa bị gỡ không cho ai vào nữa ngay khi biết tin. Từ đó các cửa khác không nhận gì của nó; các lượt trước đây vẫn còn.
remove-door = Cửa
remove-cause = Lý do
remove-lost = Bị mất hoặc bị trộm: khóa bí mật của địa điểm được tạo lại, và cửa đó hủy khóa của mình khi biết tin
remove-replaced = Đã thay: nay có thiết bị khác ở đó
remove-retired = Ngừng dùng: tháo xuống theo kế hoạch và đã xóa dữ liệu
remove-sure = Tôi muốn cửa này không còn thuộc địa điểm. Không thể hoàn tác; thiết bị chỉ có thể tham gia lại bằng khóa mới.
remove-go = Gỡ cửa
remove-none = Không có cửa nào khác để gỡ.
remove-error-door = Hãy chọn một cửa thuộc địa điểm.
remove-error-cause = Hãy nêu lý do.
remove-error-sure = Hãy xác nhận việc gỡ.
remove-error-own = Cửa giữ khóa của người quản lý không thể tự gỡ mình.

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
