"""English words that say what is a name and what is not: function words, common words, roles, institutions."""

_FUNCTION = """
a about above across after again against all along already also although always am among an and another any anybody
anyone anything anyway are aren around as at away back be because been before behind being below beneath beside
besides between beyond both but by can cannot could couldn despite did didn do does doesn doing don done down during
each either else enough even ever every everybody everyone everything everywhere except few finally for from further
furthermore had hadn has hasn have haven having he hence her here hers herself him himself his how however i if in
indeed inside instead into is isn it its itself just last later least less lest let like likewise many may maybe me
meanwhile might mine more moreover most much must my myself near nearly neither never nevertheless next no nobody none
nor not nothing now nowadays nowhere of off often on once only onto or other others otherwise ought our ours ourselves
out outside over own per perhaps quite rather really same several shall she should shouldn since so some somebody
someone something sometimes somewhat soon still such than that the their theirs them themselves then there thereafter
therefore these they this those though through throughout thus till to today together tomorrow tonight too toward
towards under underneath unless unlike until up upon us usually very via was wasn we well were weren what whatever
when whenever where whereas wherever whether which whichever while who whoever whole whom whose why will with within
without won would wouldn yes yesterday yet you your yours yourself
"""
_OPENERS = """
absolutely according actually additionally ago agreed ah apparently aw awesome aww basically bet btw bye certainly
clearly congrats congratulations consequently cool currently damn dear definitely due earlier especially eventually
evidently exactly former formerly fortunately four fyi generally glad gonna gosh gotcha gotta guess haha hello hey hi
hmm honestly hopefully huh immediately including initially interestingly late lately literally lol mainly maybe mostly
nah nope notably obviously oh ok okay omg ooh oops originally ouch phew please plus possibly presumably previously
probably recently regarding regardless reportedly sadly says secondly seriously similarly simply sorry specifically
subsequently suddenly super supposedly sure surely thank thanks thirdly though totally traditionally typically ugh uh
um unfortunately usually wanna welcome whoa wish woah woohoo wow y'all yay yeah yep yup
"""
_COMMON = """
able act action activity add address adopt adoption age aged agree air almost alone amazing amount animal answer
appear apply appreciate area arm army art article ask asked attack attempt available award band based basic beach
beautiful become bed began begin believe best better big bit black blue board body book born bought boy brand brave
break bring brother brought brown build building built business busy buy call called came camp car care career case
cat catch cause celebrate center central century chance change character check cherish child children choose church
city class clean close club coach coffee cold college color come coming common community company compare compared
complete concert consider contact contain continue control conversation cook country couple course create created
creativity critics cup cut cute dad daily dance dark data date daughter day days dead death decide deep describe
design despite detail develop did die died different difficult dinner direct directed director discover do document
dog door draw dream dress drive drop early east easy eat edit education effect eight eleven embrace end energy english
enjoy enter episode equal evening event events exactly example excellent excited exciting expect experience explain
explore express expression eye face fact fall family famous fan far fast father feel feeling fees fell felt field
fifty fight figure fill film films final find fine finish fire first fish fit five flower fly focus follow following
food foot football force form found four free fresh friend friends full fun fund future gain game games garden gather
gave general get getting gift girl give given glad go goal going gold gone good got government great green ground
group grow growing guess guide guy had hair half hand hang happen happened happy hard hate head health hear heard
heart heavy height held help here high hill history hit hold holiday home hope horse hospital hot hotel hour hours
house hug huge human hundred husband idea image imagine important include includes increase information inspire
interest interesting island issue item job join joined keep kept key kid kids kill kind king knew know known land
language large law lead leader learn learned leave led left legal length lesson letter level library life light line
list listen little live lived lives local located long look looked looking looks lose lost lot lots love loved low
lower lucky lunch made main major make making male man manage map mark market married match matter mean means measure
media meet member members men mental mention met middle mind minute miss model modern mom moment money month months
moon morning mother mountain move moved movie movies music my name named nation national natural nature need needs new
news nice night nine none north note notes novel number numbers object ocean offer office officer official old older
one open opened opening order original owner page paid paint paper parent parents park part parts party pass past path
pay peace people percent perfect perform period person pet phone photo pick picture piece place plan plant play played
player players please point police poor popular population position possible pottery power practice prepare present
president press pretty prevent price pride private prize problem process produce produced program project proper
protect proud prove public published pull purpose push put question quick quiet quote race rain raise ran range rate
reach read reading ready real reason receive received record red reduce refer region related relax release released
religion remember remind report represent require research respect rest result results return review rich ride right
ring rise river road rock role room round rule run running safe said sale sat save saw say school schools science
score sea season seat second secret section see seeing seem seen select sell send sense sent series serious serve
served service set seven shape share ship shop short show shows side sign similar simple sing singer single sister sit
six size skill sleep slow small smile snow social soft sold solution son song songs sound source south space speak
special speed spend spent sport spot spring staff stage stand star start started state states stay step stone stop
store stories story street strong student students studies study stuff style subject such suggest summer sun support
sure surprise surround system table take taken taking talk talking tall task taste team tell ten term test text theory
thing things think third thought thousand three thus tie time times tiny tired title told took top total touch tour
town track trade train training transition travel tree tried trip true trust truth try trying turn turned twenty twice
two type under unique unit united university upper usage use used using usual value various veggie version video view
village visit voice volume volunteer vote wait wake walk wall want wanted war warm watch water way ways wear weather
website wedding week weekend weeks weight went west western white wide wife wild win wind window winner winter wish
woman women won wonder wonderful wood word words work worked working works world worry worth write writer writing
written wrong wrote year years young
"""
_ROLES = """
actor actress agent ambassador archbishop archduke artist author baron baroness bishop brigadier brother businessman
captain cardinal chairman chancellor chief coach colonel commander commissioner composer congressman congresswoman
corporal councillor count countess dean democrat detective director doctor duchess duke earl emperor empress engineer
father filmmaker footballer founder general governor guitarist inspector journalist judge justice king lady lieutenant
lord major manager marshal mayor minister musician nurse officer physicist pilot player poet politician pope premier
president priest prince princess principal producer professor queen rabbi rapper representative republican saint
scientist secretary senator sergeant sheikh singer sister songwriter sultan superintendent treasurer tsar viscount
writer
"""
_COURTESIES = "dr dame miss mister mr mrs ms mx prof professor sen senator sir rep rev reverend hon gov"
_HOLDERS = """
ambassador archbishop archduke army bank baron battle bay bishop capital cardinal chairman chancellor chief city coast
commander count countess county dean director duchess duke earl east emperor empire empress government governor gulf
history king kingdom mayor minister navy north parliament part people premier president prince princess queen republic
secretary siege south speaker state sultan town treaty viscount west
"""
_INSTITUTIONS = """
academy administration agency alliance association authority award board bureau campaign center centre college
commission committee community company conference congress convention corporation council court department faculty
federation festival foundation fund hospital house institute institution laboratory league library medal ministry
movement museum network office organisation organization partnership party prize program programme project school
secretary service society studies team trust union university
"""
_TAILS = """
administration agency association authority band bank bar board bros brothers bureau canal cemetery center centre
church club co college commission committee company conference corporation council counties county department district
exchange expedition federation festival foundation group hall history hospital hotel house inc industries institute
islands laboratory law league library line lines ltd mining ministry museum museums music office park partners party
productions program project publishers publishing railroad railway rangers records recreation region river road school
schools science sciences service services show society sons station stores studios technology telegraph trade trust
union university wales
"""
_ABBREVIATIONS = "inc ltd co corp llc plc gmbh jr sr tv am pm fm bc ad bce ce etc vs no nos vol pp ok dvd cd"
_FOREIGN = """
aber als am an au auf aus aux bei ce ces cette da dans das de del della den der des det di die do dos du een ein eine
el elle elles en er era es esta este et het ich il ils im in io ist je la las le les lo los mais man mit na nach nel
nella no nous não og os par pero por pour quand que si sie sind son su um un una und une uno van vom von wir yo zu zum
zur é в во вы да для до его ее если же за и из или их к как когда мы на но о об он она они оно от по при с так также
там то ты у что эта это этот я
"""
_MONTHS = "january february march april may june july august september october november december"
_SHORT_MONTHS = "jan feb mar apr jun jul aug sep sept oct nov dec"
_WEEKDAYS = """
fri friday fridays mon monday mondays saturday saturdays sunday sundays thu thursday thursdays tue tuesday tuesdays
wed wednesday wednesdays
"""
_NAMES_LIKE_VERBS = """
beijing beverly boeing browning chongqing connolly donnelly fielding fleming golding harding hawking keating kimberly
kipling manning nanjing reading sterling viking
"""

FUNCTION_WORDS = frozenset(_FUNCTION.split())
OPENERS = frozenset(_OPENERS.split())  # these come before a name at the start of a sentence, but are no part of it
COMMON_WORDS = frozenset(_COMMON.split())  # words that alone, at the start of a sentence, are hardly ever a name
ROLES = frozenset(_ROLES.split())
COURTESIES = frozenset(_COURTESIES.split())  # never part of a name
HOLDERS = frozenset(_HOLDERS.split())  # "King of France" names France too
INSTITUTIONS = frozenset(_INSTITUTIONS.split())  # "Department of Health and Human Services" is one name
TAILS = frozenset(_TAILS.split())  # "Baltimore and Ohio Railroad" is one name
CALENDAR_WORDS = frozenset((_MONTHS + " " + _SHORT_MONTHS + " " + _WEEKDAYS).split())
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
FOREIGN_WORDS = frozenset(_FOREIGN.split())  # function words of other languages: alone and first, they are no names
NAMES_LIKE_VERBS = frozenset(_NAMES_LIKE_VERBS.split())
NO_NAMES = FUNCTION_WORDS | OPENERS | COMMON_WORDS | CALENDAR_WORDS | ABBREVIATIONS | FOREIGN_WORDS
ACRONYMS = frozenset({"US", "IT", "WHO", "AM"})  # in capitals these are not the words they look like
