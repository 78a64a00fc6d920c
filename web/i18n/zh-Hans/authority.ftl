# Texts of the pages of the authority, in Simplified Chinese.

authority-region = 地区 { $value }
authority-visits = 到访
authority-entries = 进入
authority-exits = 离开
authority-refusals = 拒绝
authority-unreadable = 无法读取
authority-alerts = 警报
authority-questions = 追踪查询
authority-chart = 各场所到访
authority-venues = 场所
authority-no-venues = 尚无场所上报到访记录。
authority-bulletins = 现行公告

trace-title = 密接追踪
trace-text = 将开启密封的身份。每次查询在回答之前都会连同案件、目的和时间写入日志，并公开计数。
trace-case = 案件编号
trace-purpose = 目的
trace-who = 人员
trace-who-hint = 该人员的码，或 32 位假名；或在前面注明类型的号码，如 resident-id:… 或 phone:+8613800138000
trace-from = 自
trace-until = 至
trace-zone = 时间为 { $value }。
trace-ask = 写入日志并追踪
trace-asked-by = 查询人
trace-error = 查询未提交。
trace-error-case = 请填写案件编号，最多 200 字。
trace-error-purpose = 请填写目的，最多 200 字。
trace-error-window = 请填写起始时间和更晚的结束时间，最长 60 天。
trace-error-asked-by = 请填写查询人，最多 200 字。
trace-error-who = 请填写该人员的码或假名。
trace-error-code = 此码未指明任何人：{ $value }。
trace-error-from = 请填写起始日期和时间。
trace-error-until = 请填写结束日期和时间。
trace-error-ledger = 日志或到访记录无法读写。未开启任何身份。
trace-result = 查询结果
trace-subject = 假名
trace-window = 时段
trace-stays = { $n ->
    [0] 此时段内没有停留
   *[other] { $n } 次停留
}
tell = 通知各场所
tell-text = 各场所会在异常列表中看到哪些到访需要核查，但看不到是谁。此操作无法撤回。
tell-sure = 是，通知
told = { $n ->
    [0] 没有向场所指出任何到访
   *[other] 已向场所指出 { $n } 次到访
}
trace-contacts = { $n ->
    [0] 此时段内没有接触
   *[other] { $n } 次接触
}
trace-assumed = 推定至 { $value }
trace-timeline = 停留与接触时间轴
trace-again = 再次查询
trace-minutes = { $n ->
   *[other] { $n } 分钟
}
