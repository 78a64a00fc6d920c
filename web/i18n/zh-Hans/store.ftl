# Texts of the store of the authority.
store-apart = 已隔离
store-trouble = 共享存储暂时无法写入。数据没有丢失：记录保存在本机和各入口，系统会继续重试。原因见日志。
