# Texts of the overview and the way in, in Simplified Chinese.

home-title = 本节点
home-door = 入口旁的屏幕：访客看到的内容。
home-desk = 手工核验、确认放行或拒绝。
home-venue = 场内人数、各门口、同步和设备状态。
home-authority = 本地区的到访记录实时汇总，以及密接追踪。
home-open = 打开
home-locked = 需要登录

enter-title = 访问密钥
enter-text = 此页面需要本节点的访问密钥。密钥在首次启动时显示，并保存在节点的数据文件夹中。
enter-key = 访问密钥
enter-go = 继续
enter-wrong = 这不是本节点的访问密钥。请逐字核对后重试。
enter-locked = 此地址输错密钥次数过多。请等待一分钟后重试。
