# 墙上海报的文字，简体中文。

poster-title-in = 进门请扫码
poster-title-out = 离开请扫码
poster-step-scan = 先连接 Wi-Fi，再用手机相机对准此码
poster-step-number = 输入手机号码，以及门口屏幕上的 PIN 或短信验证码
poster-step-show = 在门口出示手机上的通行凭证
poster-step-leave = 点击凭证上的“离开”，或用手机号码登记离开
poster-wifi = 请先连接此 Wi-Fi：
poster-typed = 没有相机？请打开此网址并输入此码：
poster-help = 没有手机或有疑问？请询问工作人员。
poster-promise = 您的号码已加密封存：只有卫生部门能打开，且仅用于通知您曾与病例接触。号码在页面所示天数后销毁。无需安装应用。
poster-tamper = 如海报被覆盖粘贴，或手机上显示的网址不同，请勿使用，并告知工作人员。
poster-valid = 生效日期 { $value }
poster-made = 打印日期 { $value }
