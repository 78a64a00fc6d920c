# Texts of the store of the authority.
store-apart = 已隔離
store-trouble = 共用儲存暫時無法寫入。資料沒有遺失：記錄保存在本機和各入口，系統會繼續重試。原因見日誌。
