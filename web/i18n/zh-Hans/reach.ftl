# 证书、资格、通知、等待、查询：主管机构告知场所的内容。
reach-papers = 节点证书
reach-papers-until = 有效期至 { $value }。
reach-papers-ended = 已于 { $value } 到期：其他节点拒绝本节点。请向管理员或主管机构申请新证书。
reach-papers-text = 到期前会自动续签，只要本门或经由其他门能连上主管机构。
bulletin-announcements = 公告
office-policy-excluded-venues = 被除名场所适用的规则
office-word-no-privileges = 无优惠
office-word-advise = 仅显示
reach-until = 至 { $value }
reach-venue-test = 主管机构：试运行至 { $value }。检查只作提醒。
reach-venue-excluded = 主管机构已将本场所除名至 { $value }。
reach-announced = 主管机构公告（至 { $value }）
reach-change-standing = 场所 { $venue }：{ $before } 变为 { $after }
reach-change-announced = 现在公告：{ $value }
reach-change-unannounced = 不再公告：{ $value }
reach-stands-good = 正常
reach-stands-test = 试运行至 { $value }
reach-stands-excluded = 除名至 { $value }
reach-announce-title = 对场所的公告
reach-announce-none = 目前没有公告。
reach-announce-all = 所有场所
reach-announce-new = 发布公告
reach-announce-text = 以读者的语言显示在相关场所的页面上，直到截止时间。根密钥签名足够后发布。
reach-announce-until = 显示至
reach-announce-areas = 仅限这些地区，用逗号分隔
reach-announce-activities = 仅限以此开头的行业代码
reach-announce-venues = 仅限这些编号的场所
reach-announce-back = 撤回
reach-announce-until-wrong = 请填写显示到何时：须为将来的时间。
reach-announce-venues-wrong = 场所请填编号，用逗号分隔。
reach-announce-gone = 该公告已失效。
reach-standing-title = 场所资格
reach-standing-text = 此刻登记册和已确认违规所示的试运行与除名。公报签署后各门即照此执行。
reach-waits = 目前暂不接收到访记录，将于 { $value } 重新发送。不会丢失，验码照常。
reach-asked = 追踪查询
reach-asked-times = { $n ->
    [0] 主管机构未查询过本场所的到访记录。
   *[other] 主管机构有 { $n } 次追踪查询涉及本场所的到访记录。
}
