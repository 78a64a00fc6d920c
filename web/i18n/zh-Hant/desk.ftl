# Texts of the staff desk, in Traditional Chinese.

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
