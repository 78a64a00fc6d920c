# 證書、資格、通知、等待、查詢：主管機構告知場所的內容。
reach-papers = 節點證書
reach-papers-until = 有效期至 { $value }。
reach-papers-ended = 已於 { $value } 到期：其他節點拒絕本節點。請向管理員或主管機構申請新證書。
reach-papers-text = 到期前會自動續簽，只要本門或經由其他門能連上主管機構。
bulletin-announcements = 公告
office-policy-excluded-venues = 被除名場所適用的規則
office-word-no-privileges = 無優惠
office-word-advise = 僅顯示
reach-until = 至 { $value }
reach-venue-test = 主管機構：試運行至 { $value }。檢查只作提醒。
reach-venue-excluded = 主管機構已將本場所除名至 { $value }。
reach-announced = 主管機構公告（至 { $value }）
reach-change-standing = 場所 { $venue }：{ $before } 變為 { $after }
reach-change-announced = 現在公告：{ $value }
reach-change-unannounced = 不再公告：{ $value }
reach-stands-good = 正常
reach-stands-test = 試運行至 { $value }
reach-stands-excluded = 除名至 { $value }
reach-announce-title = 對場所的公告
reach-announce-none = 目前沒有公告。
reach-announce-all = 所有場所
reach-announce-new = 發布公告
reach-announce-text = 以讀者的語言顯示在相關場所的頁面上，直到截止時間。根密鑰簽名足夠後發布。
reach-announce-until = 顯示至
reach-announce-areas = 僅限這些地區，用逗號分隔
reach-announce-activities = 僅限以此開頭的行業代碼
reach-announce-venues = 僅限這些編號的場所
reach-announce-back = 撤回
reach-announce-until-wrong = 請填寫顯示到何時：須為將來的時間。
reach-announce-venues-wrong = 場所請填編號，用逗號分隔。
reach-announce-gone = 該公告已失效。
reach-standing-title = 場所資格
reach-standing-text = 此刻登記冊和已確認違規所示的試運行與除名。公報簽署後各門即照此執行。
reach-waits = 目前暫不接收到訪記錄，將於 { $value } 重新傳送。不會遺失，驗碼照常。
reach-asked = 追蹤查詢
reach-asked-times = { $n ->
    [0] 主管機構未查詢過本場所的到訪記錄。
   *[other] 主管機構有 { $n } 次追蹤查詢涉及本場所的到訪記錄。
}
