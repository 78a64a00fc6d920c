# Texts of the overview and the way in, in Vietnamese.

home-title = Nút này
home-door = Màn hình cạnh lối vào: những gì khách nhìn thấy.
home-desk = Kiểm tra mã bằng tay, xác nhận cho qua hoặc từ chối.
home-venue = Số người bên trong, các cửa, đồng bộ và tình trạng thiết bị.
home-authority = Lượt ra vào trong vùng ngay khi đến, và truy vết tiếp xúc.
home-open = Mở
home-locked = Cần đăng nhập

enter-title = Khóa truy cập
enter-text = Trang này cần khóa truy cập của nút. Khóa được in ra khi khởi động lần đầu và được giữ trong thư mục dữ liệu của nút.
enter-key = Khóa truy cập
enter-go = Tiếp tục
enter-wrong = Đây không phải khóa truy cập của nút này. Hãy kiểm tra từng ký tự rồi thử lại.
enter-locked = Quá nhiều khóa sai từ địa chỉ này. Hãy đợi một phút rồi thử lại.
