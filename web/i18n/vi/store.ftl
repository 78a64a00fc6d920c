# Texts of the store of the authority.
store-apart = Đã tách riêng
store-trouble = Kho dùng chung hiện không nhận dữ liệu. Không mất gì: các lượt vào ra chờ ở đây và tại cửa, hệ thống sẽ thử lại. Nhật ký ghi rõ lý do.
