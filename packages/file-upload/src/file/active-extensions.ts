/**
 * Extensions of text and programs that a server, browser or desktop runs, by the type that they claim.
 *
 * Sources: OWASP File Upload Cheat Sheet and OWASP WSTG-BUSL-09; the handlers in the stock configurations of Apache httpd (mod_mime, mod_php,
 * mod_include, mod_cgi), IIS (applicationHost.config) and Tomcat (web.xml); Microsoft's lists of attachments that Outlook blocks and of
 * extensions that Windows treats as unsafe.
 */
const families: Readonly<Record<string, string>> = {
  // Run by a server wherever its handlers are mapped: PHP, ASP and ASP.NET, JSP, ColdFusion, server-side includes, CGI.
  "application/x-httpd-php":
    "php php2 php3 php4 php5 php6 php7 php8 php9 phps pht phtm phtml phpt pgif phar hphp ctp inc " +
    "asp aspx aspq asa asax asax ascx ashx asmx axd cer cdx cshtml cshtm vbhtml vbhtm svc rem soap xamlx razor " +
    "jsp jspx jspf jspa jsw jsv jtml jhtml cfm cfml cfc shtml shtm stm cgi fcgi",
  // Opened by a browser with the rights of the page's origin.
  "text/html": "htm html hta htc mht mhtml",
  "application/xhtml+xml": "xht xhtm xhtml",
  "image/svg+xml": "svg svgz",
  "application/xml": "xml xsl xslt jnlp xbap rdf rss atom xul mathml wml",
  "application/x-shockwave-flash": "swf",
  "text/javascript": "js mjs cjs",
  // Deployed or run by a Java server.
  "application/java-archive": "war",
  "application/java-vm": "class",
  // Run by Windows or by a desktop when somebody opens them: scripts, shortcuts, settings.
  "application/x-bat":
    "bat cmd ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 vb vbe vbs jse ws wsc wsf wsh sct scf msh msh1 msh2 lnk url inf reg " +
    "gadget application appref-ms library-ms search-ms searchconnector-ms settingcontent-ms diagcab chm hlp iqy slk msc " +
    "sh bash zsh ksh csh command desktop webloc inetloc fileloc applescript scpt terminal",
  "application/x-msdownload": "exe com dll scr cpl pif ocx sys",
};

export const activeExtensions: readonly (readonly [extension: string, type: string])[] = Object.entries(families).flatMap(
  ([type, extensions]) => extensions.split(" ").map((extension) => [extension, type] as const),
);

/** Files whose name alone makes a server read them as its configuration. */
export const configurationNames: ReadonlySet<string> = new Set([".htaccess", ".htpasswd", ".user.ini", "web.config"]);

/**
 * What Apache httpd and IIS also run when another extension follows, as in `a.php.txt` or `a.asp;.txt`. Words that names really hold, such
 * as `Acme.Inc.txt`, are left out.
 */
export const innerExtension = /^(?:php\d?|phps|pht|phtml|phar|aspx?|ashx|asmx|jspx?|cgi|fcgi|shtml|cfm)$/;

/** Types that a browser opens with the rights of the page's origin. */
export const pageTypes: ReadonlySet<string> = new Set([
  "text/html",
  "application/xhtml+xml",
  "image/svg+xml",
  "application/xml",
  "text/javascript",
  "application/x-shockwave-flash",
]);

/** Extensions that name how a file is packed, and leave its type to the extension before. */
export const codingExtensions: ReadonlySet<string> = new Set(["gz", "tgz", "z", "bz2", "br", "zst", "xz"]);
