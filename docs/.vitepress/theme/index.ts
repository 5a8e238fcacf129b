/** The default theme without its web fonts: pages load nothing that readers do not read. */
import theme from "vitepress/theme-without-fonts";

import "./style.css";

export default theme;
