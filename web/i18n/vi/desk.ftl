# Texts of the staff desk, in Vietnamese.

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
