# 牆上海報的文字，繁體中文。

poster-title-in = 進門請掃碼
poster-title-out = 離開請掃碼
poster-step-scan = 先連接 Wi-Fi，再用手機相機對準此碼
poster-step-number = 輸入手機號碼，以及門口螢幕上的 PIN 或簡訊驗證碼
poster-step-show = 在門口出示手機上的通行憑證
poster-step-leave = 點選憑證上的「離開」，或用手機號碼登記離開
poster-wifi = 請先連接此 Wi-Fi：
poster-typed = 沒有相機？請開啟此網址並輸入此碼：
poster-help = 沒有手機或有疑問？請詢問工作人員。
poster-promise = 您的號碼已加密封存：只有衛生機關能開啟，且僅用於通知您曾與病例接觸。號碼在頁面所示天數後銷毀。無須安裝應用程式。
poster-tamper = 如海報被覆蓋黏貼，或手機上顯示的網址不同，請勿使用，並告知工作人員。
poster-valid = 生效日期 { $value }
poster-made = 列印日期 { $value }
