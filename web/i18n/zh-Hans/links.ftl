## Programs and systems that the authority works with.
links-laboratory = 实验室
links-laboratory-may = 提交检测结果和接触者名单，不能读取任何内容
links-sormas-sent = { $at } · { $by }：接收 { $taken } 条记录，对方已有 { $known } 条，拒收 { $refused } 条。
links-sormas-trouble = 未完成：{ $value }。请再次发送：不会重复记录。
links-sormas-event = 事件
links-sormas-busy = 正在发送其他结果，请一分钟后再试。
links-sormas-text = 人员和接触者将连同姓名和号码发送到所配置的服务器；再次发送仍是同一批记录。此操作会留下记录。
links-sormas-sure = 本病例需要将这些人员发送到 SORMAS。
links-sormas-go = 发送到 SORMAS
links-log-sormas = 结果已发送到 SORMAS
