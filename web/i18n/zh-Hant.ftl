# Every text of the screens, in Chinese, traditional characters.

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

home-title = 本節點
home-door = 入口旁的螢幕：訪客看到的內容。
home-desk = 人工查驗、確認放行或拒絕。
home-venue = 場內人數、各門口、同步與設備狀態。
home-authority = 本地區的到訪紀錄即時彙整，以及接觸追蹤。
home-open = 開啟
home-locked = 需要存取金鑰

enter-title = 存取金鑰
enter-text = 此頁面需要本節點的存取金鑰。金鑰於首次啟動時顯示，並保存在節點的資料夾中。
enter-key = 存取金鑰
enter-go = 繼續
enter-wrong = 這不是本節點的存取金鑰。請逐字核對後再試。
enter-locked = 此位址輸錯金鑰次數過多。請等待一分鐘後再試。

door-hold = 將條碼放在鏡頭前 10–25 公分處
door-sound = 等候提示音
door-go = 依螢幕上的標誌行動
door-no-phone = 沒有手機？請洽工作人員。
door-inside = 目前場內
door-direction-in = 入口
door-direction-out = 出口
door-direction-both = 出入口

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
reason-specimen = 這是樣本碼
reason-minor = 未成年人：須由成年人陪同入場
reason-no-policy = 此門口尚未收到本地區的規定
reason-stale-lists = 此門口的名單已過時
reason-clock-unknown = 此門口無法確定時間
reason-already-inside = 此碼已在場內
reason-not-inside = 此碼不在場內
reason-full = 場所已滿
reason-no-rights = 空位在其他入口；本入口已無名額
reason-staff = 由工作人員決定
reason-not-recorded = 此門口未能寫入紀錄
reason-door-removed = 此門口已不屬於該場所

desk-code = 碼
desk-code-hint = 輸入、貼上或使用手持掃描器。按 Enter 查驗。
desk-check = 查驗
desk-waiting = 等候您決定
desk-nobody = 目前無人等候。
desk-release = 確認放行
desk-refuse = 拒絕
desk-release-key = Enter
desk-refuse-key = Esc
desk-name = 碼上姓名
desk-read-at = 讀取時間 { $value }
desk-recent = 最近的決定
desk-recent-none = 本節點啟動後尚無決定。
desk-empty = 請先輸入碼。
desk-no-credential = 未作任何紀錄。{ $value }。
desk-error-unknown = 已作決定，或已超過兩分鐘。請重新查驗。
desk-error-binding = 本地區的規定不允許您放行該訪客。
desk-error-ledger = 此門口未能寫入紀錄。請勿憑此螢幕放行，並檢查磁碟。
outcome-admit = 規定允許進入
outcome-refuse = 規定不允許進入
outcome-cannot-confirm = 無法確認

kind-entry = 進入
kind-exit = 離開
kind-refusal = 拒絕
decider-verdict = 依規定
decider-staff = 工作人員

column-time = 時間
column-decision = 決定
column-status = 狀態
column-reason = 原因
column-decider = 決定者
column-door = 門口
column-entries = 進入
column-exits = 離開
column-refusals = 拒絕
column-unacknowledged = 尚未送達
column-last = 最近到訪
column-heard = 最近聯繫
column-bulletin = 公告
column-version = 版本
column-age = 已發布
column-valid = 有效至
column-venue = 場所
column-doors = 門口
column-visits = 到訪
column-entered = 進入時間
column-left = 離開時間
column-overlap = 共處
column-person = 人員

venue-inside = 目前場內
venue-capacity = / { $value }
venue-entries = 今日進入
venue-exits = 今日離開
venue-refusals = 今日拒絕
venue-pending = 尚未送達主管機關
venue-doors = 門口
venue-own = 本門口
venue-sync = 同步
venue-no-peers = 本節點沒有其他節點相連。
venue-bulletins = 主管機關公告
venue-no-bulletins = 尚未收到公告。在收到規定和信任名單之前，無法確認任何碼。
venue-state = 設備
venue-clock = 時鐘
venue-scanner = 掃描
venue-disk = 磁碟
none-yet = 暫無
never = 從未
clock-trusted = 可信
clock-bounded = 無授時來源，只可能偏慢
clock-unknown = 不可信，無法確認碼未過期。
clock-unread = 尚未讀取
scanner-none = 本節點沒有鏡頭
camera-opening = 正在開啟鏡頭
camera-running = 正在讀取
camera-lost = 無法使用
camera-ended = 已無影像
scanner-facts = { $frames } 幀，捨棄 { $dropped } 幀，讀碼 { $scans } 次；解碼 { $p50 } 毫秒，95% 在 { $p95 } 毫秒內
hint-camera-blocked = 攝影機被遮擋
hint-too-dark = 光線太暗，無法讀取：請增加門口照明
hint-inverted = QR 碼黑白顛倒：請使用淺色背景
hint-too-far = QR 碼離得太遠
hint-too-near = QR 碼離得太近
hint-glare = 反光遮住了 QR 碼：請稍微傾斜
hint-screen-dim = 訪客的螢幕太暗
hint-blurred = QR 碼模糊：請拿穩，或調整攝影機焦距
hint-camera-moved = 攝影機的朝向變了
hint-dirty-lens = 畫面一直不清晰：請擦拭鏡頭或調整焦距
poster-outdated = 門口的海報已過期：請列印新版
poster-other-door = 門口的海報屬於另一個門
poster-other-venue = 門口的海報屬於另一個場所
poster-broken = 門口的海報無法讀取
scanner-wait = 從看到 QR 碼到讀出：{ $p50 } 毫秒，95% 在 { $p95 } 毫秒內。
disk-ok = 正常寫入
disk-trouble = 上次寫入失敗：{ $value }
peer-up = 已連線
peer-down = 未連線：{ $value }
peer-refused = 已切斷：{ $value }
peer-since = 自 { $value }
refused-unknown-membership = 其憑證不屬於本地區
refused-other-node = 其憑證屬於另一節點
refused-other-venue = 其憑證屬於另一場所
refused-membership-not-yet-valid = 其憑證尚未生效
refused-membership-expired = 其憑證已過期
refused-membership-malformed = 其憑證已損壞
bulletin-policy = 規定
bulletin-trust = 信任名單
bulletin-tracing-keys = 追蹤金鑰
bulletin-beacon = 時間
bulletin-revocations = 已撤銷的碼
bulletin-membership = 成員
bulletin-standing = 狀況
bulletin-overdue = 已逾期

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

inside-between = { $lo }–{ $hi }
inside-at-least = 至少 { $value }
zone-inside = 目前場內，第 { $value } 區
zone-unseen = 失去聯繫的門口：{ $door }，自 { $time }
zone-unseen-never = 從未聯繫上的門口：{ $value }
zone-range = 介於 { $lo } 與 { $hi } 之間，上限 { $most }
zone-rights = 本門口還可放入：{ $value }
zone-advisory = 僅供參考
zone-advisory-text = 各門口合計放入的人數可能超過此上限。

alarm-unsent = { $day }起的到訪紀錄尚未送達主管機關。距銷毀還有：{ $left }。請用隨身碟送去：{ $command }
alarm-duplicates = 自 { $time } 起可能有重複。失去聯繫的門口：{ $doors }
alarm-duplicates-ever = 可能有重複。失去聯繫的門口：{ $value }
alarm-anomalies = { $n ->
   *[other] 有 { $n } 項異常需要查看
}

anomalies-none = 沒有需要查看的異常。
anomalies-duplicates = 同一碼進入兩次
anomalies-duplicates-do = 請詢問當事人：可能兩人共用一碼，或有人離開時未被記錄。沒有發生的進入可以作廢。紀錄仍會保留，但不再計數。
anomalies-clones = 記憶卡被複製
anomalies-clones-do = 同一門口的兩次啟動同時寫入：記憶卡被複製，或時鐘被調慢。請找到第二台裝置並關機。若沒有多餘的裝置，請將該門口按「遺失」移除，再重新配對。
anomalies-forked = 一個門口有兩份歷史
anomalies-forked-do = 這些門口簽署了兩份不同的歷史；兩份都作為證據保留。請將該門口按「遺失」移除並重新配對，同時告知主管機關。
anomalies-gaps = 送達主管機關之前已銷毀
anomalies-gaps-do = 這些紀錄無法找回。請將門口、日期和數量告知主管機關；今後請及時連接各門口，或用隨身碟送出紀錄。
anomalies-alerts = 碼不屬實
anomalies-alerts-do = 請勿自行尋找該訪客：主管機關知道是誰。請備好時間和門口，等候來電。
anomaly-entry = { $door }，{ $time }
anomaly-clone = { $door }：兩者都在 { $from } 至 { $to } 寫入
anomaly-gap = { $door }，{ $day }：{ $records }
anomaly-records = { $n ->
   *[other] { $n } 筆紀錄
}
anomaly-noted = 記於 { $value }
anomaly-part = 第 { $value } 區
anomaly-revoked = 訪客到來之後，碼被撤銷
anomaly-status = 實際狀態與碼不符
anomaly-by-authority = 由主管機關發現
anomaly-by-door = 由門口發現
void = 作廢此次進入
void-text = 此次進入（{ $value }）在所有門口都不再計數，且無法恢復。
void-sure = 是，作廢
void-unknown = 此次進入已不在列表中。
act-error-ledger = 未能寫入，因此沒有任何改變。請檢查磁碟。

click-title = 無碼人員
click-in = 進一人
click-out = 出一人
click-hint = 只計人數，不記姓名。安全寫入後數字才會改變。
click-failed = 這一次沒有計入。請重新載入頁面並查看數字。
desk-staff-pass = 員工通行
desk-undo = 撤回
desk-undone = 已撤回
desk-undo-late = 這裡只能撤回最近 60 秒內的決定。請查看異常頁面。

count-title = 重設人數
count-text = 請清點場內所有人，再把數字寫在這裡。此前的偏差到此為止，各門口皆然。
count-zone = 場所分區
count-zone-whole = 整個場所
count-inside = 清點人數
count-sure = 我剛剛清點過
count-set = 設定人數
count-error-number = 請用數字填寫場內人數。
count-error-sure = 請確認剛剛清點過人數。

notes-title = 交班便條
notes-none = 沒有便條。
notes-text = 新便條
notes-hint = 場所的每個門口都能看到。請勿寫訪客姓名。
notes-add = 新增便條
notes-edit = 修改
notes-save = 儲存
notes-remove = 刪除
notes-keep = 保留這一則
notes-both = 兩個門口同時寫入。請保留其一：
notes-by = { $who }，{ $time }
notes-manager = 管理者
notes-error-empty = 請先寫點內容。
notes-error-long = 內容太長，請縮短到約 200 字。
notes-error-changed = 其間有人修改過。您寫的內容在下方；請先看現在的內容，再儲存。
fields-title = 關於本場所
fields-none = 未填寫
fields-hint = 在保管管理者金鑰的門口修改。
field-name = 名稱
field-address = 地址
field-hours = 開放時間

doors-title = 場所的門口
doors-direction = 方向
doors-state = 狀態
doors-node = 金鑰
doors-none = 沒有任何門口持有本場所的憑證。
door-own = 本門口
door-up = 已連線
door-down = 自 { $value } 失去聯繫
door-unheard = 失去聯繫
door-removed-lost = 已按遺失移除，{ $value }
door-removed-replaced = 已更換，{ $value }
door-removed-retired = 已停用，{ $value }
doors-elsewhere = 邀請和移除門口須在保管管理者金鑰的門口進行。本門口不是。
invite-title = 邀請門口
invite-text = 新裝置讀取此螢幕上的碼，呼叫本門口，取得憑證和金鑰。碼在十分鐘內對一台裝置有效。
invite-wifi = Wi-Fi 名稱（新裝置需要時填寫）
invite-wifi-key = Wi-Fi 密碼
invite-replaces = 取代
invite-replaces-none = 不取代：新增一個門口
invite-go = 顯示碼
invite-wifi-error = Wi-Fi 名稱最多 32 個字母，密碼 8 至 63 位。
invite-failed = 無法發出邀請：{ $value }
invite-cancel = 結束邀請
invited-title = 邀請
invited-scan = 將新裝置的鏡頭對準此碼，或在那裡貼上文字：vestibule pair join
invited-secret = 看到此碼的人都能成為本場所的門口。請勿轉傳，請勿拍照。
invited-code = 邀請門口的碼
invited-text = 文字形式
invited-back = 返回門口列表
pairing-idle = 目前沒有邀請。
pairing-waiting = 等待新裝置，至 { $value }
pairing-wrong = 未看到碼的呼叫：{ $value } 次。滿三次邀請即結束。
pairing-joined = 門口已加入：{ $door }，{ $time }
pairing-expired = 邀請已過期。
pairing-broken = 三次錯誤呼叫後邀請已結束。網路中有人在猜碼。
pairing-over = 邀請已結束。
remove-title = 移除門口
remove-text = 被移除的門口一得知消息便不再放行任何人。此後其他門口不再接收它的任何內容；它以前的到訪紀錄保留。
remove-door = 門口
remove-cause = 原因
remove-lost = 遺失或被盜：場所的秘密金鑰將重新產生，該門口得知後會銷毀自己的金鑰
remove-replaced = 已更換：那裡現在是另一台裝置
remove-retired = 停用：按計畫拆除，並已清除資料
remove-sure = 我確定此門口不再屬於本場所。此操作無法撤回；該裝置只有使用新金鑰才能再次加入。
remove-go = 移除門口
remove-none = 沒有可移除的其他門口。
remove-error-door = 請選擇屬於本場所的門口。
remove-error-cause = 請說明原因。
remove-error-sure = 請確認移除。
remove-error-own = 保管管理者金鑰的門口不能移除自己。

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
trace-who-hint = 該人員的碼，或 32 位假名
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
