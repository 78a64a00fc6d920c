# Every text of the screens, in Chinese, simplified characters.

languages = 语言
skip = 跳到内容
nav-home = 概览
nav-door = 门口屏幕
nav-desk = 值守台
nav-venue = 场所
nav-authority = 卫生主管部门
leave = 退出
version = 版本 { $value }
live = 实时
live-lost = 与节点的连接已断开，正在重试…

home-title = 本节点
home-door = 入口旁的屏幕：访客看到的内容。
home-desk = 手工核验、确认放行或拒绝。
home-venue = 场内人数、各门口、同步和设备状态。
home-authority = 本地区的到访记录实时汇总，以及密接追踪。
home-open = 打开
home-locked = 需要访问密钥

enter-title = 访问密钥
enter-text = 此页面需要本节点的访问密钥。密钥在首次启动时显示，并保存在节点的数据文件夹中。
enter-key = 访问密钥
enter-go = 继续
enter-wrong = 这不是本节点的访问密钥。请逐字核对后重试。
enter-locked = 此地址输错密钥次数过多。请等待一分钟后重试。

door-hold = 将二维码放在摄像头前 10–25 厘米处
door-sound = 等待提示音
door-go = 按屏幕上的标志行动
door-no-phone = 没有手机？请找工作人员。
door-inside = 当前场内
door-direction-in = 入口
door-direction-out = 出口
door-direction-both = 出入口

action-welcome = 欢迎光临
action-goodbye = 再见
action-wait = 请稍候
action-no-entry = 禁止进入
action-again = 请再试一次

status-green = 绿码
status-blue = 蓝码
status-yellow = 黄码
status-red = 红码
status-grey = 未能确认

until = { $status }，有效至 { $time }
until-then = { $status }，有效至 { $time }，之后为{ $then }

advice-staff = 请联系工作人员。
advice-again = 请将二维码放平、保持不动，并调亮屏幕。
advice-other-code = 请出示健康码：以 ST1、HC1 或 shc 开头。
advice-home = 请勿进入，并遵从卫生主管部门的指引。
advice-later = 请稍后再来。
advice-decision = 工作人员正在查看。

reason-bad-prefix = 此处不识读这种码
reason-bad-base45 = 码已损坏
reason-bad-encoding = 码已损坏
reason-bad-compression = 码已损坏
reason-bad-json = 码已损坏
reason-bad-cbor = 码已损坏
reason-malformed = 码不完整或有误
reason-too-large = 码过长
reason-not-a-credential = 这不是健康码
reason-unsupported-format = 此处不核验这种码
reason-unsupported-algorithm = 此处不核验这种签名
reason-incomplete = 已读取一部分，请出示下一部分
reason-unknown-issuer = 此处不认识该码的签发者
reason-issuer-not-valid = 签发者的密钥当前无效
reason-bad-signature = 码的签名不真实
reason-no-proof = 请在手机上打开此码：截图无效
reason-stale-proof = 此码已过时：请在手机上重新打开
reason-key-usage = 签发者无权签发这种码
reason-not-yet-valid = 码尚未生效
reason-expired = 码已过期
reason-revoked = 码已被撤销
reason-status-green = 按规定，目前绿码不可进入
reason-status-blue = 按规定，目前蓝码不可进入
reason-status-yellow = 确诊病例的接触者
reason-status-red = 检测结果为阳性
reason-status-grey = 码中没有当前有效的内容
reason-specimen = 这是样本码
reason-minor = 未成年人：须由成年人陪同入场
reason-no-policy = 此门口尚未收到本地区的规定
reason-stale-lists = 此门口的名单已过时
reason-clock-unknown = 此门口无法确定时间
reason-already-inside = 此码已在场内
reason-not-inside = 此码不在场内
reason-full = 场所已满
reason-no-rights = 空位在其他入口；本入口已无名额
reason-staff = 由工作人员决定
reason-not-recorded = 此门口未能写入记录
reason-door-removed = 此门口已不属于该场所

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

column-time = 时间
column-decision = 决定
column-status = 状态
column-reason = 原因
column-decider = 决定者
column-door = 门口
column-entries = 进入
column-exits = 离开
column-refusals = 拒绝
column-unacknowledged = 尚未送达
column-last = 最近到访
column-heard = 最近联系
column-bulletin = 公告
column-version = 版本
column-age = 已发布
column-valid = 有效至
column-venue = 场所
column-doors = 门口
column-visits = 到访
column-entered = 进入时间
column-left = 离开时间
column-overlap = 共处
column-person = 人员

venue-inside = 当前场内
venue-capacity = / { $value }
venue-entries = 今日进入
venue-exits = 今日离开
venue-refusals = 今日拒绝
venue-pending = 尚未送达主管部门
venue-doors = 门口
venue-own = 本门口
venue-sync = 同步
venue-no-peers = 本节点没有其他节点相连。
venue-bulletins = 主管部门公告
venue-no-bulletins = 尚未收到公告。在收到规定和信任名单之前，无法确认任何码。
venue-state = 设备
venue-clock = 时钟
venue-scanner = 扫描
venue-disk = 磁盘
none-yet = 暂无
never = 从未
clock-trusted = 可信
clock-bounded = 无授时来源，只可能偏慢
clock-unknown = 不可信，无法确认码未过期。
clock-unread = 尚未读取
scanner-none = 本节点没有摄像头
camera-opening = 正在打开摄像头
camera-running = 正在识读
camera-lost = 不可用
camera-ended = 已无图像
scanner-facts = { $frames } 帧，丢弃 { $dropped } 帧，读码 { $scans } 次；解码 { $p50 } 毫秒，95% 在 { $p95 } 毫秒内
hint-camera-blocked = 摄像头被遮挡
hint-too-dark = 光线太暗，无法识读：请增加门口照明
hint-inverted = 二维码黑白颠倒：请使用浅色背景
hint-too-far = 二维码离得太远
hint-too-near = 二维码离得太近
hint-glare = 反光遮住了二维码：请稍微倾斜
hint-screen-dim = 访客的屏幕太暗
hint-blurred = 二维码模糊：请拿稳，或调整摄像头焦距
hint-camera-moved = 摄像头的朝向变了
hint-dirty-lens = 画面一直不清晰：请擦拭镜头或调整焦距
poster-outdated = 门口的海报已过期：请打印新版
poster-other-door = 门口的海报属于另一个门
poster-other-venue = 门口的海报属于另一个场所
poster-broken = 门口的海报无法识读
scanner-wait = 从看到二维码到读出：{ $p50 } 毫秒，95% 在 { $p95 } 毫秒内。
disk-ok = 正常写入
disk-trouble = 上次写入失败：{ $value }
peer-up = 已连接
peer-down = 未连接：{ $value }
peer-refused = 已断开：{ $value }
peer-since = 自 { $value }
refused-unknown-membership = 其证书不属于本地区
refused-other-node = 其证书属于另一节点
refused-other-venue = 其证书属于另一场所
refused-membership-not-yet-valid = 其证书尚未生效
refused-membership-expired = 其证书已过期
refused-membership-malformed = 其证书已损坏
bulletin-policy = 规定
bulletin-trust = 信任名单
bulletin-tracing-keys = 追踪密钥
bulletin-beacon = 时间
bulletin-revocations = 已撤销的码
bulletin-membership = 成员
bulletin-standing = 状况
bulletin-overdue = 已逾期

age-seconds = { $n ->
   *[other] { $n } 秒
}
age-minutes = { $n ->
   *[other] { $n } 分钟
}
age-hours = { $n ->
   *[other] { $n } 小时
}
age-days = { $n ->
   *[other] { $n } 天
}

tab-venue = 场所概览
tab-anomalies = 异常
tab-doors = 门口与配对
reload = 重新载入

inside-between = { $lo }–{ $hi }
inside-at-least = 至少 { $value }
zone-inside = 当前场内，第 { $value } 区
zone-unseen = 失去联系的门口：{ $door }，自 { $time }
zone-unseen-never = 从未联系上的门口：{ $value }
zone-range = 介于 { $lo } 与 { $hi } 之间，上限 { $most }
zone-rights = 本门口还可放入：{ $value }
zone-advisory = 仅供参考
zone-advisory-text = 各门口合计放入的人数可能超过此上限。

alarm-unsent = { $day }起的到访记录尚未送达主管部门。距销毁还有：{ $left }。请用U盘送去：{ $command }
alarm-duplicates = 自 { $time } 起可能有重复。失去联系的门口：{ $doors }
alarm-duplicates-ever = 可能有重复。失去联系的门口：{ $value }
alarm-anomalies = { $n ->
   *[other] 有 { $n } 项异常需要查看
}

anomalies-none = 没有需要查看的异常。
anomalies-duplicates = 同一码进入两次
anomalies-duplicates-do = 请询问当事人：可能两人共用一码，或有人离开时未被记录。没有发生的进入可以作废。记录仍会保留，但不再计数。
anomalies-clones = 存储卡被复制
anomalies-clones-do = 同一门口的两次启动同时写入：存储卡被复制，或时钟被调慢。请找到第二台设备并关机。若没有多余的设备，请将该门口按“丢失”移除，再重新配对。
anomalies-forked = 一个门口有两份历史
anomalies-forked-do = 这些门口签署了两份不同的历史；两份都作为证据保留。请将该门口按“丢失”移除并重新配对，同时告知主管部门。
anomalies-gaps = 送达主管部门之前已销毁
anomalies-gaps-do = 这些记录无法找回。请将门口、日期和数量告知主管部门；今后请及时连接各门口，或用U盘送出记录。
anomalies-alerts = 码不属实
anomalies-alerts-do = 请勿自行寻找该访客：主管部门知道是谁。请备好时间和门口，等候来电。
anomaly-entry = { $door }，{ $time }
anomaly-clone = { $door }：两者都在 { $from } 至 { $to } 写入
anomaly-gap = { $door }，{ $day }：{ $records }
anomaly-records = { $n ->
   *[other] { $n } 条记录
}
anomaly-noted = 记于 { $value }
anomaly-part = 第 { $value } 区
anomaly-revoked = 访客到来之后，码被撤销
anomaly-status = 实际状态与码不符
anomaly-by-authority = 由主管部门发现
anomaly-by-door = 由门口发现
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

count-title = 重设人数
count-text = 请清点场内所有人，再把数字写在这里。此前的偏差到此为止，各门口皆然。
count-zone = 场所分区
count-zone-whole = 整个场所
count-inside = 清点人数
count-sure = 我刚刚清点过
count-set = 设定人数
count-error-number = 请用数字填写场内人数。
count-error-sure = 请确认刚刚清点过人数。

notes-title = 交班便条
notes-none = 没有便条。
notes-text = 新便条
notes-hint = 场所的每个门口都能看到。请勿写访客姓名。
notes-add = 添加便条
notes-edit = 修改
notes-save = 保存
notes-remove = 删除
notes-keep = 保留这一条
notes-both = 两个门口同时写入。请保留其一：
notes-by = { $who }，{ $time }
notes-manager = 管理者
notes-error-empty = 请先写点内容。
notes-error-long = 内容太长，请缩短到约 200 字。
notes-error-changed = 其间有人修改过。您写的内容在下方；请先看现在的内容，再保存。
fields-title = 关于本场所
fields-none = 未填写
fields-hint = 在保管管理者密钥的门口修改。
field-name = 名称
field-address = 地址
field-hours = 开放时间

doors-title = 场所的门口
doors-direction = 方向
doors-state = 状态
doors-node = 密钥
doors-none = 没有任何门口持有本场所的证书。
door-own = 本门口
door-up = 已连接
door-down = 自 { $value } 失去联系
door-unheard = 失去联系
door-removed-lost = 已按丢失移除，{ $value }
door-removed-replaced = 已更换，{ $value }
door-removed-retired = 已停用，{ $value }
doors-elsewhere = 邀请和移除门口须在保管管理者密钥的门口进行。本门口不是。
invite-title = 邀请门口
invite-text = 新设备读取此屏幕上的码，呼叫本门口，取得证书和密钥。码在十分钟内对一台设备有效。
invite-wifi = Wi-Fi 名称（新设备需要时填写）
invite-wifi-key = Wi-Fi 密码
invite-replaces = 取代
invite-replaces-none = 不取代：新增一个门口
invite-go = 显示码
invite-wifi-error = Wi-Fi 名称最多 32 个字母，密码 8 至 63 位。
invite-failed = 无法发出邀请：{ $value }
invite-cancel = 结束邀请
invited-title = 邀请
invited-scan = 将新设备的摄像头对准此码，或在那里粘贴文本：vestibule pair join
invited-secret = 看到此码的人都能成为本场所的门口。请勿转发，请勿拍照。
invited-code = 邀请门口的码
invited-text = 文本形式
invited-back = 返回门口列表
pairing-idle = 目前没有邀请。
pairing-waiting = 等待新设备，至 { $value }
pairing-wrong = 未看到码的呼叫：{ $value } 次。满三次邀请即结束。
pairing-joined = 门口已加入：{ $door }，{ $time }
pairing-expired = 邀请已过期。
pairing-broken = 三次错误呼叫后邀请已结束。网络中有人在猜码。
pairing-over = 邀请已结束。
remove-title = 移除门口
remove-text = 被移除的门口一得知消息便不再放行任何人。此后其他门口不再接收它的任何内容；它以前的到访记录保留。
remove-door = 门口
remove-cause = 原因
remove-lost = 丢失或被盗：场所的秘密密钥将重新生成，该门口得知后会销毁自己的密钥
remove-replaced = 已更换：那里现在是另一台设备
remove-retired = 停用：按计划拆除，并已清除数据
remove-sure = 我确定此门口不再属于本场所。此操作无法撤回；该设备只有使用新密钥才能再次加入。
remove-go = 移除门口
remove-none = 没有可移除的其他门口。
remove-error-door = 请选择属于本场所的门口。
remove-error-cause = 请说明原因。
remove-error-sure = 请确认移除。
remove-error-own = 保管管理者密钥的门口不能移除自己。

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
trace-who-hint = 该人员的码，或 32 位假名
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

error-title = 操作未成功
error-not-found = 本节点没有此页面。
error-forbidden = 表单已过期或来自其他网站。请重新打开页面。
error-host = 本节点不响应此名称。请使用它自己的地址。
error-too-large = 发送的内容过多。
error-busy = 连接的屏幕过多。请关闭一个后重试。
error-malformed = 无法读取请求。
error-slow = 请求耗时过长。
error-internal = 节点内部出错，原因见其日志。
error-back = 返回概览
