# Texts of the pages of the authority, in Traditional Chinese.

authority-region = 地區 { $value }
authority-visits = 到訪
authority-entries = 進入
authority-exits = 離開
authority-refusals = 拒絕
authority-unreadable = 無法讀取
authority-alerts = 警報
authority-questions = 追蹤查詢
authority-chart = 各場所到訪
authority-venues = 場所
authority-no-venues = 尚無場所回報到訪紀錄。
authority-bulletins = 現行公告

trace-title = 接觸追蹤
trace-text = 將開啟密封的身分。每次查詢在回答之前都會連同案件、目的與時間寫入日誌，並公開計數。
trace-case = 案件編號
trace-purpose = 目的
trace-who = 人員
trace-who-hint = 該人員的碼，或 32 位假名；或在前面註明類型的號碼，如 resident-id:… 或 phone:+8613800138000
trace-from = 自
trace-until = 至
trace-zone = 時間為 { $value }。
trace-ask = 寫入日誌並追蹤
trace-asked-by = 查詢人
trace-error = 查詢未送出。
trace-error-case = 請填寫案件編號，最多 200 字。
trace-error-purpose = 請填寫目的，最多 200 字。
trace-error-window = 請填寫起始時間與較晚的結束時間，最長 60 天。
trace-error-asked-by = 請填寫查詢人，最多 200 字。
trace-error-who = 請填寫該人員的碼或假名。
trace-error-code = 此碼未指明任何人：{ $value }。
trace-error-from = 請填寫起始日期與時間。
trace-error-until = 請填寫結束日期與時間。
trace-error-ledger = 日誌或到訪紀錄無法讀寫。未開啟任何身分。
trace-result = 查詢結果
trace-subject = 假名
trace-window = 時段
trace-stays = { $n ->
    [0] 此時段內沒有停留
   *[other] { $n } 次停留
}
tell = 通知各場所
tell-text = 各場所會在異常清單中看到哪些到訪需要核查，但看不到是誰。此操作無法撤回。
tell-sure = 是，通知
told = { $n ->
    [0] 沒有向場所指出任何到訪
   *[other] 已向場所指出 { $n } 次到訪
}
trace-contacts = { $n ->
    [0] 此時段內沒有接觸
   *[other] { $n } 次接觸
}
trace-assumed = 推定至 { $value }
trace-timeline = 停留與接觸時間軸
trace-again = 再次查詢
trace-minutes = { $n ->
   *[other] { $n } 分鐘
}
