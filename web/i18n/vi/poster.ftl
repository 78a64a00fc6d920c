# Chữ trên áp phích treo tường, tiếng Việt.

poster-title-in = Quét mã khi vào
poster-title-out = Quét mã khi ra
poster-step-scan = Kết nối Wi-Fi, rồi hướng camera điện thoại vào mã
poster-step-number = Nhập số điện thoại, và mã PIN trên màn hình ở cửa hoặc mã trong tin nhắn SMS
poster-step-show = Đưa thẻ vào cửa trên điện thoại cho nhân viên ở cửa xem
poster-step-leave = Bấm “Ra về” trên thẻ, hoặc ghi nhận lượt ra bằng số của bạn
poster-wifi = Trước hết hãy kết nối Wi-Fi này:
poster-typed = Không có camera? Mở địa chỉ này và nhập mã:
poster-help = Không có điện thoại, hoặc cần hỏi? Hãy hỏi nhân viên.
poster-promise = Số của bạn được niêm phong: chỉ cơ quan y tế mở được, và chỉ để báo cho bạn khi có tiếp xúc. Số được hủy sau số ngày ghi trên trang. Không cần ứng dụng.
poster-tamper = Không dùng áp phích này nếu có gì dán đè lên hoặc địa chỉ trên điện thoại khác đi. Hãy báo nhân viên.
poster-valid = Có hiệu lực từ { $value }
poster-made = In ngày { $value }
