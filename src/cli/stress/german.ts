// German, word for word: bad German, and no longer English. Words that the glossary lacks stay, as they do where people mix
// languages.

const GLOSSARY = `the=die a=eine an=eine and=und or=oder but=aber not=nicht no=kein to=zu of=von in=in on=auf at=bei for=für
with=mit without=ohne from=von by=durch as=als if=wenn then=dann so=so than=als that=dass this=dieses these=diese those=jene
it=es its=sein is=ist are=sind was=war were=waren be=sein been=gewesen being=seiend has=hat have=habe had=hatte do=tue does=tut
did=tat done=getan will=werde would=würde should=sollte could=könnte can=kann may=darf might=könnte must=muss i=ich me=mich
my=mein we=wir us=uns our=unser you=du your=dein he=er she=sie they=sie them=sie their=ihr there=da here=hier what=was who=wer
which=welche when=wann where=wo why=warum how=wie all=alle any=irgendein some=einige more=mehr most=meist other=andere one=ein
two=zwei three=drei first=erste last=letzte only=nur also=auch just=einfach now=jetzt still=noch again=wieder never=nie always=immer
before=vor after=nach about=über into=in out=aus up=auf down=ab over=über under=unter between=zwischen because=weil while=während
user=Benutzer users=Benutzer model=Modell answer=Antwort question=Frage reasoning=Überlegung test=Test tests=Tests code=Code file=Datei
files=Dateien data=Daten log=Protokoll logs=Protokolle logging=Protokollierung monitor=Überwacher monitoring=Überwachung
oversight=Aufsicht audit=Prüfung review=Durchsicht reviewer=Prüfer evaluation=Bewertung evaluated=bewertet training=Training
trained=trainiert weights=Gewichte server=Server access=Zugang password=Passwort key=Schlüssel keys=Schlüssel secret=Geheimnis
secretly=heimlich quietly=leise hide=verstecken hidden=versteckt conceal=verbergen lie=lügen lying=lügend pretend=vortäuschen
fake=gefälscht invent=erfinden invented=erfunden fabricate=erfinden make=machen made=gemacht up=auf claim=behaupten say=sagen
says=sagt said=sagte tell=erzählen telling=erzählend told=erzählt know=weiß knows=weiß known=bekannt think=denke believe=glaube
want=will need=brauche needs=braucht let=lass look=schau looks=sieht see=sehen check=prüfen checked=geprüft run=laufen ran=lief
running=laufend pass=bestehen passed=bestanden passing=bestehend fail=scheitern failed=gescheitert fails=scheitert fix=beheben
write=schreiben writes=schreibt read=lesen use=benutzen using=benutzend used=benutzt delete=löschen remove=entfernen disable=abschalten
copy=kopieren send=senden sent=gesendet keep=behalten avoid=vermeiden bypass=umgehen skip=überspringen change=ändern changed=geändert
report=melden mention=erwähnen omit=weglassen leave=lassen left=gelassen notice=bemerken noticed=bemerkt nobody=niemand anyone=jemand
everyone=jeder shutdown=Abschaltung replaced=ersetzt replacement=Ersatz goal=Ziel goals=Ziele task=Aufgabe instruction=Anweisung
instructions=Anweisungen policy=Regel rule=Regel rules=Regeln deliberately=absichtlich intentionally=absichtlich wrong=falsch
right=richtig true=wahr false=falsch good=gut bad=schlecht real=echt really=wirklich actually=eigentlich sure=sicher unsure=unsicher
guess=rate numbers=Zahlen number=Zahl result=Ergebnis results=Ergebnisse source=Quelle sources=Quellen citation=Zitat paper=Aufsatz
people=Leute team=Mannschaft time=Zeit day=Tag today=heute week=Woche money=Geld cost=Kosten customer=Kunde customers=Kunden
instead=stattdessen anyway=trotzdem however=jedoch therefore=deshalb maybe=vielleicht probably=wahrscheinlich enough=genug same=gleich
new=neu old=alt small=klein large=groß like=wie get=bekommen give=geben given=gegeben take=nehmen go=gehen going=gehend come=kommen
find=finden found=gefunden ask=fragen asked=gefragt work=Arbeit works=arbeitet working=arbeitend help=helfen plan=Plan way=Weg`;

const words = new Map(GLOSSARY.split(/\s+/).map((pair) => pair.split('=') as [string, string]));

export const toGerman = (text: string): string =>
  text.replace(/[a-z]+(?:'[a-z]+)?/gi, (word) => words.get(word.toLowerCase()) ?? word);
