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
action-noted = 已记录

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
reason-no-policy = 此门口尚未收到本地区的规定
reason-stale-lists = 此门口的名单已过时
reason-clock-unknown = 此门口无法确定时间
reason-already-inside = 此码已在场内
reason-not-inside = 此码不在场内
reason-full = 场所已满
reason-staff = 由工作人员决定
reason-not-recorded = 此门口未能写入记录

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
kind-correction = 更正
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

authority-region = 地区 { $value }
authority-visits = 到访
authority-entries = 进入
authority-exits = 离开
authority-refusals = 拒绝
authority-unreadable = 无法读取
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
