## Programs and systems that the authority works with.
links-laboratory = Phòng xét nghiệm
links-laboratory-may = gửi kết quả và danh sách người tiếp xúc, không đọc gì
links-sormas-sent = { $at } · { $by }: đã nhận { $taken } bản ghi, { $known } đã có sẵn, { $refused } bị từ chối.
links-sormas-trouble = Chưa gửi xong: { $value }. Hãy gửi lại: không có gì bị ghi hai lần.
links-sormas-event = Sự kiện
links-sormas-busy = Đang gửi các câu trả lời khác. Hãy thử lại sau một phút.
links-sormas-text = Người và tiếp xúc được gửi đến máy chủ đã cấu hình kèm tên và số; gửi lại thì vẫn là các bản ghi đó. Việc này được ghi lại.
links-sormas-sure = Tôi cần những người này trong SORMAS cho ca này.
links-sormas-go = Gửi đến SORMAS
links-log-sormas = Đã gửi câu trả lời đến SORMAS
