"""The signs that an issue shows: words and phrases, English and Chinese, that people use for one kind and not another.

A sign decides nothing: where it stands (in the title, at its start, at the start of the body, further on) is a feature
whose weight is learnt. The same signs give the reasons that are shown to people.
"""

#: Each sign by its name, in alternatives; before the dot stands what it was thought of for. Searched in small letters.
SIGNS: dict[str, tuple[str, ...]] = {
    # something fails or misbehaves
    "bug.error": (
        r"\b(?:error|exception|err|fatal)s?\b|报错|错误|异常|報錯|錯誤|異常|抛出|报了|报 ?\d{3}\b",
        r"\b(?:http|status)? ?50\d\b",
    ),
    "bug.exception": (r"\b[a-z_.]*[a-z](?:error|exception|warning)\b|\bexit code\b|退出码|\berrno\b",),
    "bug.trace": (r"\btraceback\b|stack ?trace|\bbacktrace\b|core dump|堆栈|调用栈|堆疊",),
    "bug.crash": (
        r"\bcrash\w*|\bseg(?:mentation)?[ -]?fault\w*|\bpanic\w*|\bsigsegv\b|\babort(?:s|ed)?\b|\bkilled\b",
        r"\bdies\b|崩溃|闪退|挂掉|挂了|崩潰|閃退|崩了|段错误|被杀|自动退出|起不来|打不开",
    ),
    "bug.fail": (r"\bfail(?:s|ed|ing|ure|ures)?\b|失败|失敗|没成功|不成功|不通过|跑不通|跑不起来|装不上",),
    "bug.broken": (r"\bbroken\b|\bbreaks?\b|\bbroke\b|坏了|是坏的|崩",),
    "bug.dead": (
        r"\b(?:does ?n[o']?t|do ?n[o']?t|is ?n[o']?t|did ?n[o']?t|not|never|no longer|stop(?:s|ped)?) (?:\w+ )?work\w*",
        r"\bno effect\b|\bnothing happens\b",
        r"\bnot (?:found|respected|applied|recognized|recognised|loaded|saved|called)\b|不工作|不起作用|不生效",
        r"没有生效|没生效|没有效果|失效|无效|没用|不好使|用不了|無效|不能用|没反应|没有反应|沒反應",
        r"没有任何反应",
    ),
    "bug.cannot": (
        r"\bcan ?not\b|\bcan'?t\b|\bunable to\b|\bcould ?n[o']t\b|\bwon'?t\b|\brefuses?\b|无法|不能|不了|無法",
        r"没法|不到",
    ),
    "bug.not": (r"\b(?:do|does|is|are|did|was|were|has|have) ?n[o']t\b|\bnot\b|\bno\b|没有|没|不|沒有|沒",),
    "bug.wrong": (
        r"\bwrong(?:ly)?\b|\bincorrect(?:ly)?\b|\binvalid\b|\bunexpected(?:ly)?\b|\bmismatch\w*",
        r"\binconsisten\w+|\bbad\b|\bweird\b|\bstrange\b|\bcorrupt\w*|\bdiffers?\b|\binstead of\b|不一致|不对",
        r"不對|不匹配|不正确|不正常|有误|错了|不符|对不上|乱码|亂碼|有问题|奇怪|变成|反而|居然|竟然|都是错",
        r"串了|会串|漏掉|差很多|差异很大|不同结果",
    ),
    "bug.regression": (
        r"\bregress\w*|\bused to (?:work|be)\b|\bworks? (?:fine |well )?(?:in|on|with) \S*\d",
        r"\bworked (?:fine )?(?:in|before|until)\b|\bafter (?:up(?:grad|dat)|install)\w+",
        r"\bsince (?:up(?:grad|dat)|v?\d)\w*|\bbisect\w*|\bdowngrad\w*|升级后|更新后|升级到|更新到|升级以后",
        r"更新以后|升级之后|更新之后|升級|(?:之前|以前|原来|原先|昨天).{0,8}(?:正常|没问题|可以|能|好)|回退",
        r"退回|降级|旧版本|老版本|就好了|就正常|没事|没问题",
    ),
    "bug.word": (r"\bbugs?\b|缺陷|故障|\bbuggy\b",),
    "bug.problem": (r"\bissues?\b|\bproblems?\b|问题|問題",),
    "bug.hang": (
        r"\bhang(?:s|ing)?\b|\bhung\b|\bfreez\w+|\bfrozen\b|\bstuck\b|\bdead ?lock\w*|\binfinite(?:ly)? loop\b",
        r"\btime(?:s|d)? ?out\b|\brace condition\b|\bforever\b|卡死|卡住|死锁|死循环|超时|卡在|不动|没响应",
        r"無回應|一直转圈|一直等",
    ),
    "bug.memory": (
        r"\bleak\w*|\boom\b|\bout of memory\b|\billegal memory\b|泄漏|泄露|爆显存|显存溢出|内存溢出|爆显卡",
        r"越界|溢出|洩漏|不释放|没有释放|一直涨|不断增长|显存不足|內存",
    ),
    "bug.value": (
        r"\bnan\b|\bgarbage\b|\bgarbled\b|\bgibberish\b|\bduplicate[ds]?\b|\bmissing\b|\blost\b",
        r"\b(?:silently )?ignor(?:es?|ed)\b|\bempty\b|\btruncat\w+|丢失|丢了|为空|空字符|重复|被忽略|胡言乱语",
        r"截断|缺失|少了|多了|全是|没了|不见",
    ),
    "bug.slow": (
        r"\bslow(?:er|ly|ness|down)?\b|\bperformance (?:drop|degrad|issue|regress)\w*",
        r"\bthroughput\b.{0,20}\bdown\b|变慢|很慢|太慢|下降|掉到|掉了|还慢|降到|掉了一半",
    ),
    "bug.repro": (
        r"\brepro(?:duce|duces|duced|duction|ducible|ducer)?\b|\bsteps to\b|\bexpected\b|\bactual(?:ly)?\b",
        r"复现|重现|必现|復現|重現|预期|期望输出|理论上|应该是|试过|重启|重装",
    ),
    "bug.throws": (
        (
            r"\b(?:throws?|raises?|returns?|gets?|causes?|thrown|raised|reports?"
            r"|shows?|produces?|leads? to|results? in|outputs?|prints?)\b"
        ),
        r"输出|返回|提示|报|显示|抛",
    ),
    "bug.when": (r"\bwhen\b|\bafter\b|\bduring\b|\bwhile\b|\bunder\b|的时候|时报|之后|后就|一.{1,8}就|時|以后|时",),
    # something is wanted
    "feature.add": (
        r"\badd(?:ing|s)?\b|\bintroduce\b|\bimplement(?:ation|ing)?\b|\bpublish\b|\brelease\b|增加|新增|添加",
        r"加个|加一个|加上|加入|补一个|引入|实现|增設|补上|出一个|加一下|加到|做一个|能加",
    ),
    "feature.support": (
        r"\bsupport(?:ing|ed|s)?\b|\bcompatib\w+|\bintegrat\w+|支持|支援|适配|兼容|適配|相容|接入|集成|对接",
        r"整合",
    ),
    "feature.allow": (
        r"\ballow(?:s|ing)?\b|\benable\b|\bprovide\b|\bexpose\b|\bmake it possible\b|\bability to\b",
        r"\boptions? (?:to|for)\b|\bconfigurable\b|\bcustomiz\w+|\bcustomis\w+|\boptional(?:ly)?\b",
        r"\blet (?:users?|us|me)\b|\baccept\b|\bpluggable\b|允许|提供|开放|暴露|可配置|自定义|可选|能够|允許",
        r"開放|可以让|让用户|按需|开关",
    ),
    "feature.wish": (
        r"\bwould be (?:\w+ )?(?:nice|great|good|useful|helpful|awesome|cool|handy|beneficial|ideal|grateful)\b",
        r"\bi(?:'d| would) (?:like|love)\b|\bwould (?:like|love)\b|\bwish\b|\bnice to have\b|\bneeded for\b",
        r"\bit would\b|\bplease (?:\w+ )?(?:add|support|consider|provide|implement|make|allow|enable)\b",
        r"\b(?:could|can) (?:you|we) (?:please )?(?:add|support|have|implement|consider|provide|make)\b|希望",
        r"建议|请求|最好|想要|期待|盼|希望能|建議|請求|要是能|如果能|麻烦加|期望支持|^求|求一个|求支持",
        r"可以考虑|请加|请增加|请支持|请提供",
    ),
    "feature.could": (r"能否|能不能|可否|可不可以|是否可以|是否考虑|是否能|能.{0,12}就好|有没有可能|能支持|可以支持",),
    "feature.word": (
        r"\bfeature(?: request)?s?\b|\benhancement\b|\bproposal\b|\bpropos(?:e|ed)\b|\brfc\b",
        r"\bsuggest(?:ion|ed|s)?\b|\bidea\b|\bmotivation\b|\buse[ -]?cases?\b|\balternatives?\b|\bpitch\b|功能",
        r"特性|需求|提案|动机|使用场景|场景|場景|方便",
    ),
    "feature.plan": (
        r"\bany plans?\b|\bplans? (?:to|for|on)\b|\broad ?map\b",
        r"\bwill (?:you|there|it) (?:be )?(?:support|add|release)\w*|计划支持|有没有计划|有计划|会支持|打算",
        r"后续会|未来|計劃|什么时候支持|何时支持|考虑支持|有无计划|后续.{0,6}计划|有没有.{0,4}计划",
    ),
    "feature.improve": (
        r"\bimprov\w+|\boptimi[sz]\w+|\brefactor\w*|\bconsider\b",
        r"\bshould (?:be|have|support|allow|also|use|not)\b|\bsimplif\w+|\bbetter\b|\bfaster\b",
        r"\bmake \w+ \w+able\b|\breplace\b|\bremove\b|\bdrop\b|\bdeprecat\w+|\brename\b|优化|改进|完善|改成",
        r"改为|更好|友好|優化|改進|统一|太麻烦|太难受",
    ),
    "feature.lack": (
        r"\bcurrently\b|\bright now\b|\bat the moment\b|\bno way to\b|\bthere is no\b|\bonly\b|目前|现在|當前",
        r"当前|暂时|只能|只有|不够|没办法",
    ),
    # something is to be known
    "question.how": (
        r"\bhow (?:to|do|does|can|could|should|would|many|much|long|is|are)\b|怎么|如何|怎样|怎麼|怎樣|咋",
        r"怎么办",
    ),
    "question.what": (
        r"\bwhat(?:'s)?\b|\bwhich\b|\bwhere\b|什么|哪个|哪些|哪里|哪种|什麼|哪裡|啥|哪一|多少|多大|多久|几",
    ),
    "question.why": (r"\bwhy\b|为什么|为啥|为何|為什麼|為何|原因",),
    "question.is": (
        r"^\W*(?:is|are|does|do|can|could|should|will|has|have|did|was|which|where|when|who|any)\b",
        r"\bis (?:it|there|this)\b|\bdoes (?:it|this|anyone|the)\b|\bcan (?:i|we|someone|anyone)\b",
        r"\bshould i\b|\bdo i\b|\bam i\b",
    ),
    "question.possible": (
        r"\b(?:is|if) it(?:'s| is)? possible\b|\bis there (?:a|any) way\b|\bany way to\b|\bpossible to\b",
        r"有没有办法|有什么办法|可以吗|是否支持|支持.{0,20}吗|能.{0,20}吗|可以.{0,20}吗|是否|有没有|有無",
        r"是不是|有没有人",
    ),
    "question.ask": (
        r"\bquestions?\b|\bhelp\b|\bwonder(?:ing)?\b|\bconfus\w+|\bclarification\b|\bexplain\b|\bunderstand\b",
        r"\bdifference between\b|\banyone\b|\bbest practices?\b|\brecommend\w*|\badvice\b|\bcurious\b",
        r"\bdon'?t know\b|\bnot sure\b|\btips\b|\bsomeone\b|请问|求助|请教|咨询|疑问|大佬|区别|請問|想问",
        r"问一下|问下|想知道|不太理解|不太明白|没看懂|看不懂|推荐|想了解|了解一下|求解|新手|小白|区別|差异",
        r"正常吗|有影响吗|合适",
    ),
    "question.ma": (r"吗|呢|嗎|么[？?]?\s*$|吧[？?]|[？?]\s*$",),
    "question.when": (r"\bwhen (?:will|is|can)\b|\beta\b|\brelease date\b|什么时候|何时|多久|什麼時候|还维护",),
    "question.thanks": (r"\bthanks?\b|\bthank you\b|谢谢|感谢|多谢|謝謝|非常感谢",),
    "question.me": (
        r"\bi(?:'m| am) (?:trying|using|new|not|getting)\b",
        r"\bi (?:want|need|have|tried|try|am|was|found|get|got|use)\b|\bmy\b|我想|我用|我的|我在",
    ),
    # a text is wrong, missing, stale or out of reach
    "docs.docs": (
        r"\bdocs?\b|\bdocumentation\b|\bdocstrings?\b|\bapi reference\b|\breadme\w*|\bchangelog\b",
        r"\bcontributing\b|\bwiki\b|\bfaq\b|\brelease notes\b|\buser guide\b|\bman page\b|\bmodel card\b|文档",
        r"文檔|文件說明|说明文档|手册|接口文档|使用说明|指南|模型卡|接口说明",
    ),
    "docs.document": (r"\bdocument(?:s|ed|ing)?\b|\bundocumented\b|\bnot documented\b",),
    "docs.tutorial": (
        r"\btutorials?\b|\bguides?\b|\bquick ?start\b|\bgetting started\b|\bcookbook\b|\bwalk ?through\b",
        r"\bexamples? (?:page|in the|for|of)\b|\bcode ?sample\b|\bmanual\b|\binstructions?\b",
        r"\bexample notebook\b|\bsnippet\b|教程|示例|例子|样例|教學|快速开始|快速上手|入门|範例|安装说明|说明",
        r"章节|部署指南|注释|第.步",
    ),
    "docs.typo": (
        r"\btypos?\b|\bmisspel\w*|\bspelling\b|\bgrammar\b|\bwording\b|\bphrasing\b|错别字|笔误|拼写|错字|打错",
        r"写错|筆誤|語病|语病|病句|措辞|写成了|抄成",
    ),
    "docs.link": (
        r"\b404\b|\b(?:broken|dead|stale|wrong) (?:\w+ )?(?:links?|urls?|anchors?)\b",
        r"\blinks?\b.{0,40}\b(?:broken|dead|404|wrong|outdated|gone|nowhere)\b|\bhyperlinks?\b",
        r"链接.{0,12}(?:失效|打不开|404|错|过期|不对|挂|指向)|死链|失效的?链接|鏈接|連結|链接|徽章|二维码",
    ),
    "docs.stale": (
        r"\boutdated\b|\bout[ -]of[ -]date\b|\bstale\b|\bobsolete\b|\bmisleading\b|\bunclear\b|\bno mention\b",
        r"\bmention(?:s|ed)?\b|\bsays?\b|\bclarify\b|\bdescri(?:be|bes|bed|ption)\b|\bexplanation\b|\bomits?\b",
        r"\bstates?\b|过时|过期|没更新|未更新|没有更新|没写|没有写|没有提|没提|写的是|写着|还停在",
        r"缺少.{0,10}(?:说明|文档|示例|介绍)|缺.{0,4}(?:说明|文档)|漏了|过時|對不上|还是旧|旧的|补充|注明|写明",
        r"写清楚|翻译|更正|写进|写详细|说明清楚|没有任何说明|没有说明",
    ),
    "docs.site": (
        r"\bwebsite\b|\bweb ?page\b|\bpage\b|\bsections?\b|\bparagraph\b|\btable of\b|\bchapter\b|\bheading\b",
        r"\bsidebar\b|\btranslation\b|\btranslate\b|官网|网站|页面|网页|网址|頁面|官網|段落|一节|目录|一章",
        r"中文版|英文版",
    ),
    "docs.file": (
        r"\b[\w-]+\.(?:md|mdx|rst|adoc|ipynb)\b",
        r"\b(?:install|contributing|changelog|readme|license)\b\.?(?:md|rst|txt)?|\bnotebooks?\b|\bcolab\b",
        r"\bcheat ?sheet\b|\bscreen ?shots? (?:in|of|on)\b|\bbadges?\b|徽章|白皮书|帮助中心|截图还是",
        r"\bcaptions?\b|\bfootnotes?\b|\badmonitions?\b|\blistings?\b|\bglossary\b|\bpdf\b|插图|配图|术语表",
    ),
    "docs.comment": (
        r"\b(?:java|js|ts|rust|go|doc)docs?\b|\bdoc[ -]?(?:string|comment|block)s?\b",
        r"\bversion(?:added|changed)\b|@returns?\b|\bcode comments?\b",
        r"\bcomments? (?:in|above|of|says?|still|is|are)\b|\bsphinx\b|\bhelp (?:text|output|message)\b",
        r"注释(?:里|中|写|错|是|还|说)|帮助信息|文档字符串",
    ),
    "docs.note": (
        (
            r"\badd (?:a |an |some |one |the )?(?:short |small |brief )?(?:note|sentence|paragraph|section"
            r"|warning|line|page|table|mention|explanation|example|link|chapter|diagram|overview)s?\b"
        ),
        r"\b(?:one|a) sentence\b|\bworth a (?:note|sentence|mention)\b",
        r"\b(?:write|put|spell) (?:this|it|that) (?:down|out)\b|\b(?:re)?phras\w+|\brewrite\b|\breword\w*",
        r"\bshould (?:say|state|mention|list|explain|warn|read)\b",
        r"\bplease (?:document|describe|explain|clarify|mention|correct|fix the (?:text|page|docs?))\b",
        r"加(?:一句|一段|一节|个说明|个注释|上说明)|单独开一节|写一下|写清|讲清楚|说清楚|补一(?:句|段|节|份)",
        r"举个例子|列(?:一|个|张)(?:下|表|张)?",
    ),
    "docs.unsaid": (
        (
            r"\b(?:not|never|n[o']t|nowhere|nothing|none)\b.{0,30}\b(?:documented|described|explained"
            r"|mention(?:s|ed)?|listed|stated|says?|tells?|covered|clear)\b"
        ),
        r"\bnowhere\b|\bforgets?\b|\bundocumented\b|\bsilent (?:about|on)\b|\blacks?\b|\bomit(?:s|ted)?\b",
        r"\bmissing (?:from|in) (?:the )?(?:docs?|documentation|table|list|reference|guide|readme|page)\b",
        r"(?:没有|没|未|并未|也没)(?:任何地方)?(?:介绍|解释|描述|提及|标注|列出|讲)|只字未提|一句话带过",
        r"一笔带过",
    ),
    "docs.reads": (
        (
            r"\b(?:docs?|documentation|page|guide|tutorial|manual|readme|reference|book|section|example|table"
            r"|text|docstring|help|wiki|notes?) (?:still |only |also |never |just |currently )?(?:says?"
            r"|states?|claims?|reads?|lists?|shows?|mentions?|refers?|describes?|suggests?|uses?|forgets?"
            r"|lacks?|omits?|points?|links?|talks?|promises|does ?n[o']?t|is|are|has)\b"
        ),
        (
            r"(?:文档|教程|手册|官网|readme|说明|页面|指南|示例)(?:里|中|上|里面)?(?:写|说|的|给|还|是|提|讲"
            r"|没|用|标)"
        ),
    ),
    "docs.product": (
        (
            r"\b(?:docs?|documentation)[ -](?:site |page )?(?:search|chat|bot|build|builder|server|generator"
            r"|viewer|engine|store|page title|route)"
        ),
        r"\bin (?:the )?(?:generated|rendered) docs\b|\bmake html\b|\b/docs\b|\bdocs_url\b",
        r"\bdocument (?:list|tree|editor|collab\w+)\b|(?:在线|接口|知识库|协作|飞书|腾讯)文档",
        r"文档(?:列表|权限|协作|导出|编辑|目录|构建|站|树|页能|拖|标题|导入|预览)|编辑器",
    ),
    "docs.trap": (
        (
            r"\bdocuments? (?:q&?a|qa|question|loader|loading|pars|retriev|search|understanding"
            r"|splitt|index|chunk|embed|store|upload|ai|intelligence|summar)\w*"
        ),
        r"\b(?:upload|pars|retriev|chunk|index|rank|pdf|word|long|split|load)\w* documents?\b",
        r"文档(?:问答|解析|检索|切分|上传|加载|分割|理解|总结|翻译器|识别|摘要|抽取|库|分析|内容|数量|入库|向量)",
        r"(?:上传|解析|检索|长|读取|加载|导入|分割|多|查询)文档|文档.{0,6}(?:向量|分块|召回)",
    ),
}

#: What a form of each kind asks, told by its headings.
HEADINGS: dict[str, tuple[str, ...]] = {
    "bug": (
        r"describe (?:the )?(?:bug|error)|bug description|steps? (?:to|for) reproduc\w*|reproduc\w*|\brepro\b",
        r"expected (?:behaviou?r|results?|output)|actual (?:behaviou?r|results?|output)|current behaviou?r",
        r"what (?:actually )?happened|what did you (?:do|expect|see)|error (?:message|log)s?",
        r"minimal (?:reproducible|example|code)|log output|\blogs?\b|traceback|stack trace|standalone code",
        r"复现|重现|期望行为|预期行为|当前行为|实际行为|错误信息|报错信息|bug|缺陷|日志|問題現象|问题现象",
        r"错误描述",
    ),
    "feature": (
        r"feature (?:request|description)?|is your feature|describe the (?:feature|solution|workflow)",
        r"motivation|\bpitch\b|alternatives?|proposed (?:solution|feature|api|workflow|change)|proposal",
        r"use cases?|your (?:contribution|proposal)|what problem|describe your proposed|describe alternatives",
        r"change the current api|who will benefit|willing to contribute|solution you d like|suggestion|功能",
        r"特性|动机|替代|需求|场景|解决方案",
        r"(?:new )?model to consider|closest model|\bidea\b|related to a challenge|基本示例|起始日期|\brfc\b",
    ),
    "docs": (
        r"doc(?:s|umentation)? issue|the doc issue|linked to the documentation|potential alternative",
        r"suggest(?:ed)? (?:a )?(?:fix|change|correction|improvement)|documentation (?:request|link|page|url)",
        r"which page|page or section|report (?:incorrect|needed) documentation|location of incorrect",
        r"url s? with the issue|what needs changing|文档|页面|链接|修改建议",
    ),
    "question": (
        r"\bquestion|your question|how would you like to use|how can i|what have you tried|\busage\b|\bhelp\b",
        r"提问|问题咨询|请提出你的问题|疑问|你的问题|how (?:you are|are you) installing",
    ),
}

#: What a title's tag says outright.
TAGS: dict[str, tuple[str, ...]] = {
    "bug": (r"bug|缺陷|故障|错误|报错|crash|regression|问题反馈|error|异常",),
    "feature": (
        r"feat|enhancement|proposal|rfc|request|功能|特性|需求|建议|new model|wish|suggest|idea|roadmap",
        r"improvement|希望",
    ),
    "docs": (r"\bdocs?\b|documentation|文档|文檔|typo|readme|tutorial|教程",),
    "question": (r"question|usage|help|support|how ?to|提问|求助|疑问|咨询|讨论|discuss|请教|q&a|问题",),
}
