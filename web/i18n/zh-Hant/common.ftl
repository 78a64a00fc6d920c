# Texts of every page, in Traditional Chinese.

languages = 語言
skip = 跳到內容
nav-home = 總覽
nav-door = 門口螢幕
nav-desk = 值守台
nav-venue = 場所
nav-authority = 衛生主管機關
leave = 登出
version = 版本 { $value }
live = 即時
live-lost = 與節點的連線已中斷，正在重試…

action-welcome = 歡迎光臨
action-goodbye = 再見
action-wait = 請稍候
action-no-entry = 禁止進入
action-again = 請再試一次

status-green = 綠碼
status-blue = 藍碼
status-yellow = 黃碼
status-red = 紅碼
status-grey = 未能確認

until = { $status }，有效至 { $time }
until-then = { $status }，有效至 { $time }，之後為{ $then }

advice-staff = 請洽工作人員。
advice-again = 請將條碼放平、保持不動，並調亮螢幕。
advice-other-code = 請出示健康碼：以 ST1、HC1 或 shc 開頭。
advice-home = 請勿進入，並遵從衛生主管機關的指引。
advice-later = 請稍後再來。
advice-decision = 工作人員正在查看。

reason-bad-prefix = 此處不讀取這種碼
reason-bad-base45 = 碼已損壞
reason-bad-encoding = 碼已損壞
reason-bad-compression = 碼已損壞
reason-bad-json = 碼已損壞
reason-bad-cbor = 碼已損壞
reason-malformed = 碼不完整或有誤
reason-too-large = 碼過長
reason-not-a-credential = 這不是健康碼
reason-unsupported-format = 此處不查驗這種碼
reason-unsupported-algorithm = 此處不查驗這種簽章
reason-incomplete = 已讀取一部分，請出示下一部分
reason-unknown-issuer = 此處不認識該碼的簽發者
reason-issuer-not-valid = 簽發者的金鑰目前無效
reason-bad-signature = 碼的簽章不真實
reason-no-proof = 請在手機上開啟此碼：截圖無效
reason-stale-proof = 此碼已過時：請在手機上重新開啟
reason-key-usage = 簽發者無權簽發這種碼
reason-not-yet-valid = 碼尚未生效
reason-expired = 碼已過期
reason-revoked = 碼已被撤銷
reason-status-green = 依規定，目前綠碼不可進入
reason-status-blue = 依規定，目前藍碼不可進入
reason-status-yellow = 確診病例的接觸者
reason-status-red = 檢驗結果為陽性
reason-status-grey = 碼中沒有目前有效的內容
reason-unverified = 僅有號碼，衛生主管機關尚未答覆
reason-specimen = 這是樣本碼
reason-minor = 未成年人：須由成年人陪同入場
reason-no-policy = 此門口尚未收到本地區的規定
reason-stale-lists = 此門口的名單已過時
reason-clock-unknown = 此門口無法確定時間
reason-already-inside = 此碼已在場內
reason-not-inside = 此碼不在場內
reason-full = 場所已滿
reason-venue-closed = 此類場所目前不得在該區域營業
reason-venue-excluded = 主管機構已暫時將本場所除名
reason-closed-now = 不在場所獲准開放的時間內
reason-house-status = 場所規定：此狀態不能進入
reason-house-document = 場所規定：先由工作人員查看身分證件
reason-house-closed = 場所在這個時間不接待進入
reason-house-full = 場所規定：場內不能再增加訪客
reason-no-rights = 空位在其他入口；本入口已無名額
reason-paper = 紙本登記，事後輸入
reason-staff = 由工作人員決定
reason-fever = 發燒
reason-not-recorded = 此門口未能寫入紀錄
reason-door-removed = 此門口已不屬於該場所
none-yet = 暫無
never = 從未
clock-trusted = 可信
clock-bounded = 無授時來源，只可能偏慢
clock-unknown = 不可信，無法確認碼未過期。
clock-unread = 尚未讀取

age-seconds = { $n ->
   *[other] { $n } 秒
}
age-minutes = { $n ->
   *[other] { $n } 分鐘
}
age-hours = { $n ->
   *[other] { $n } 小時
}
age-days = { $n ->
   *[other] { $n } 天
}

tab-venue = 場所概覽
tab-anomalies = 異常
tab-doors = 門口與配對
reload = 重新載入

error-title = 操作未成功
error-not-found = 本節點沒有此頁面。
error-forbidden = 表單已過期或來自其他網站。請重新開啟頁面。
error-host = 本節點不回應此名稱。請使用它自己的位址。
error-too-large = 傳送的內容過多。
error-busy = 連線的螢幕過多。請關閉一個後再試。
error-malformed = 無法讀取請求。
error-slow = 請求耗時過長。
error-internal = 節點內部出錯，原因見其日誌。
error-back = 返回總覽
