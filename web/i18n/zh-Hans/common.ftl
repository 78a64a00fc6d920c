# Texts of every page, in Simplified Chinese.

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
reason-unverified = 仅有号码，卫生主管部门尚未答复
reason-specimen = 这是样本码
reason-minor = 未成年人：须由成年人陪同入场
reason-no-policy = 此门口尚未收到本地区的规定
reason-stale-lists = 此门口的名单已过时
reason-clock-unknown = 此门口无法确定时间
reason-already-inside = 此码已在场内
reason-not-inside = 此码不在场内
reason-full = 场所已满
reason-venue-closed = 此类场所目前不得在该区域营业
reason-venue-excluded = 主管机构已暂时将本场所除名
reason-closed-now = 不在场所获准开放的时间内
reason-house-status = 场所规定：此状态不能进入
reason-house-document = 场所规定：先由工作人员查看身份证件
reason-house-closed = 场所在这个时间不接待进入
reason-house-full = 场所规定：场内不能再增加访客
reason-no-rights = 空位在其他入口；本入口已无名额
reason-paper = 纸质登记，事后录入
reason-staff = 由工作人员决定
reason-fever = 发热
reason-not-recorded = 此门口未能写入记录
reason-door-removed = 此门口已不属于该场所
none-yet = 暂无
never = 从未
clock-trusted = 可信
clock-bounded = 无授时来源，只可能偏慢
clock-unknown = 不可信，无法确认码未过期。
clock-unread = 尚未读取

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
