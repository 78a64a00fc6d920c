# Texts of the overview and the way in, in Traditional Chinese.

home-title = 本節點
home-door = 入口旁的螢幕：訪客看到的內容。
home-desk = 人工查驗、確認放行或拒絕。
home-venue = 場內人數、各門口、同步與設備狀態。
home-authority = 本地區的到訪紀錄即時彙整，以及接觸追蹤。
home-open = 開啟
home-locked = 需要登入

enter-title = 存取金鑰
enter-text = 此頁面需要本節點的存取金鑰。金鑰於首次啟動時顯示，並保存在節點的資料夾中。
enter-key = 存取金鑰
enter-go = 繼續
enter-wrong = 這不是本節點的存取金鑰。請逐字核對後再試。
enter-locked = 此位址輸錯金鑰次數過多。請等待一分鐘後再試。
