# Texts of the staff desk, in Simplified Chinese.

desk-code = 码
desk-code-hint = 输入、粘贴或使用手持扫描枪。按 Enter 核验。
desk-check = 核验
desk-waiting = 等待您决定
desk-nobody = 目前无人等待。
desk-release = 确认放行
desk-refuse = 拒绝
desk-release-key = Enter
desk-refuse-key = Esc
desk-name = 码上姓名
desk-read-at = 读取时间 { $value }
desk-recent = 最近的决定
desk-recent-none = 本节点启动后尚无决定。
desk-empty = 请先输入码。
desk-no-credential = 未作任何记录。{ $value }。
desk-error-unknown = 已作决定，或已超过两分钟。请重新核验。
desk-error-binding = 本地区的规定不允许您放行该访客。
desk-error-ledger = 此门口未能写入记录。请勿凭此屏幕放行，并检查磁盘。
outcome-admit = 规定允许进入
outcome-refuse = 规定不允许进入
outcome-cannot-confirm = 无法确认

kind-entry = 进入
kind-exit = 离开
kind-refusal = 拒绝
decider-verdict = 按规定
decider-staff = 工作人员
void = 作废此次进入
void-text = 此次进入（{ $value }）在所有门口都不再计数，且无法恢复。
void-sure = 是，作废
void-unknown = 此次进入已不在列表中。
act-error-ledger = 未能写入，因此没有任何改变。请检查磁盘。

click-title = 无码人员
click-in = 进一人
click-out = 出一人
click-hint = 只计人数，不记姓名。安全写入后数字才会改变。
click-failed = 这一次没有计入。请重新载入页面并查看数字。
desk-staff-pass = 员工通行
desk-undo = 撤回
desk-undone = 已撤回
desk-undo-late = 这里只能撤回最近 60 秒内的决定。请查看异常页面。
