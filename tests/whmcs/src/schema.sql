-- The tables and columns modules are known to use. Strings are NOT NULL with default '' and TEXT
-- columns are NOT NULL without a default, as in WHMCS: an insert that forgets a TEXT column fails
-- under a strict sql_mode. Dates may hold 0000-00-00, as old WHMCS rows do.
-- Tables whose name begins with standin_ belong to the stand-in host, not to WHMCS.

CREATE TABLE tbladmins (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid varchar(255) NOT NULL DEFAULT '', roleid int NOT NULL DEFAULT 1,
  username varchar(100) NOT NULL DEFAULT '', password varchar(255) NOT NULL DEFAULT '',
  firstname varchar(100) NOT NULL DEFAULT '', lastname varchar(100) NOT NULL DEFAULT '', email varchar(255) NOT NULL DEFAULT '',
  language varchar(50) NOT NULL DEFAULT '', disabled tinyint NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
);
CREATE TABLE tblusers (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, first_name varchar(255) NOT NULL DEFAULT '', last_name varchar(255) NOT NULL DEFAULT '',
  email varchar(255) NOT NULL DEFAULT '', password varchar(255) NOT NULL DEFAULT '', language varchar(32) NOT NULL DEFAULT '',
  created_at timestamp NULL, updated_at timestamp NULL, UNIQUE KEY email (email)
);
CREATE TABLE tblusers_clients (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, auth_user_id int unsigned NOT NULL DEFAULT 0, client_id int unsigned NOT NULL DEFAULT 0,
  owner tinyint NOT NULL DEFAULT 0, permissions text NOT NULL, created_at timestamp NULL, updated_at timestamp NULL,
  KEY client_id (client_id)
);
CREATE TABLE tblclients (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid varchar(255) NOT NULL DEFAULT '',
  firstname varchar(255) NOT NULL DEFAULT '', lastname varchar(255) NOT NULL DEFAULT '', companyname varchar(255) NOT NULL DEFAULT '',
  email varchar(255) NOT NULL DEFAULT '', address1 varchar(255) NOT NULL DEFAULT '', address2 varchar(255) NOT NULL DEFAULT '',
  city varchar(255) NOT NULL DEFAULT '', state varchar(255) NOT NULL DEFAULT '', postcode varchar(50) NOT NULL DEFAULT '',
  country varchar(2) NOT NULL DEFAULT '', phonenumber varchar(50) NOT NULL DEFAULT '', tax_id varchar(128) NOT NULL DEFAULT '',
  password varchar(255) NOT NULL DEFAULT '', currency int NOT NULL DEFAULT 1, defaultgateway varchar(50) NOT NULL DEFAULT '',
  credit decimal(16,2) NOT NULL DEFAULT 0.00, taxexempt tinyint NOT NULL DEFAULT 0, latefeeoveride tinyint NOT NULL DEFAULT 0,
  overideduenotices tinyint NOT NULL DEFAULT 0, separateinvoices tinyint NOT NULL DEFAULT 0, disableautocc tinyint NOT NULL DEFAULT 0,
  datecreated date NOT NULL DEFAULT '0000-00-00', notes text NOT NULL, billingcid int NOT NULL DEFAULT 0, groupid int NOT NULL DEFAULT 0,
  lastlogin datetime NULL, ip varchar(50) NOT NULL DEFAULT '', host varchar(255) NOT NULL DEFAULT '',
  status enum('Active','Inactive','Closed') NOT NULL DEFAULT 'Active', language varchar(50) NOT NULL DEFAULT '',
  emailoptout tinyint NOT NULL DEFAULT 0, marketing_emails_opt_in tinyint NOT NULL DEFAULT 0, overrideautoclose tinyint NOT NULL DEFAULT 0,
  allow_sso tinyint NOT NULL DEFAULT 1, email_verified tinyint NOT NULL DEFAULT 0, email_preferences text NULL,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY email (email(64))
);
CREATE TABLE tblclientgroups (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, groupname varchar(45) NOT NULL DEFAULT '', groupcolour varchar(45) NOT NULL DEFAULT '',
  discountpercent decimal(10,2) NOT NULL DEFAULT 0.00
);
CREATE TABLE tblcurrencies (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, code varchar(10) NOT NULL DEFAULT '', prefix varchar(10) NOT NULL DEFAULT '',
  suffix varchar(10) NOT NULL DEFAULT '', format int NOT NULL DEFAULT 1, rate decimal(10,5) NOT NULL DEFAULT 1.00000, `default` int NOT NULL DEFAULT 0
);
CREATE TABLE tblconfiguration (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, setting varchar(64) NOT NULL, value text NOT NULL,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  UNIQUE KEY setting (setting)
);
CREATE TABLE tblproductgroups (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL DEFAULT '', slug varchar(128) NOT NULL DEFAULT '',
  headline varchar(255) NOT NULL DEFAULT '', tagline varchar(255) NOT NULL DEFAULT '', orderfrmtpl varchar(64) NOT NULL DEFAULT '',
  disabledgateways text NOT NULL, hidden tinyint NOT NULL DEFAULT 0, `order` int NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
);
CREATE TABLE tblproducts (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, type varchar(50) NOT NULL DEFAULT 'other', gid int NOT NULL DEFAULT 0,
  name varchar(255) NOT NULL DEFAULT '', slug varchar(128) NOT NULL DEFAULT '', description text NOT NULL, hidden tinyint NOT NULL DEFAULT 0,
  showdomainoptions tinyint NOT NULL DEFAULT 0, welcomeemail int NOT NULL DEFAULT 0, stockcontrol tinyint NOT NULL DEFAULT 0, qty int NOT NULL DEFAULT 0,
  proratabilling tinyint NOT NULL DEFAULT 0, paytype varchar(50) NOT NULL DEFAULT 'recurring', allowqty tinyint NOT NULL DEFAULT 0,
  autosetup varchar(50) NOT NULL DEFAULT '', servertype varchar(64) NOT NULL DEFAULT '', servergroup int NOT NULL DEFAULT 0,
  configoption1 text NOT NULL, configoption2 text NOT NULL, configoption3 text NOT NULL, configoption4 text NOT NULL,
  configoption5 text NOT NULL, configoption6 text NOT NULL, configoption7 text NOT NULL, configoption8 text NOT NULL,
  configoption9 text NOT NULL, configoption10 text NOT NULL, configoption11 text NOT NULL, configoption12 text NOT NULL,
  configoption13 text NOT NULL, configoption14 text NOT NULL, configoption15 text NOT NULL, configoption16 text NOT NULL,
  configoption17 text NOT NULL, configoption18 text NOT NULL, configoption19 text NOT NULL, configoption20 text NOT NULL,
  configoption21 text NOT NULL, configoption22 text NOT NULL, configoption23 text NOT NULL, configoption24 text NOT NULL,
  freedomain varchar(50) NOT NULL DEFAULT '', recurringcycles int NOT NULL DEFAULT 0, autoterminatedays int NOT NULL DEFAULT 0,
  autoterminateemail int NOT NULL DEFAULT 0, configoptionsupgrade tinyint NOT NULL DEFAULT 0, billingcycleupgrade varchar(255) NOT NULL DEFAULT '',
  upgradeemail int NOT NULL DEFAULT 0, overagesenabled varchar(10) NOT NULL DEFAULT '', overagesdisklimit int NOT NULL DEFAULT 0,
  overagesbwlimit int NOT NULL DEFAULT 0, overagesdiskprice decimal(6,4) NOT NULL DEFAULT 0.0000, overagesbwprice decimal(6,4) NOT NULL DEFAULT 0.0000,
  tax tinyint NOT NULL DEFAULT 0, affiliateonetime tinyint NOT NULL DEFAULT 0, `order` int NOT NULL DEFAULT 0, retired tinyint NOT NULL DEFAULT 0,
  is_featured tinyint NOT NULL DEFAULT 0, color varchar(9) NOT NULL DEFAULT '', tagline varchar(255) NOT NULL DEFAULT '', short_description text NOT NULL,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY gid (gid), KEY servertype (servertype)
);
CREATE TABLE tblpricing (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, type varchar(32) NOT NULL DEFAULT 'product', currency int NOT NULL DEFAULT 1, relid int NOT NULL DEFAULT 0,
  msetupfee decimal(16,2) NOT NULL DEFAULT 0, qsetupfee decimal(16,2) NOT NULL DEFAULT 0, ssetupfee decimal(16,2) NOT NULL DEFAULT 0,
  asetupfee decimal(16,2) NOT NULL DEFAULT 0, bsetupfee decimal(16,2) NOT NULL DEFAULT 0, tsetupfee decimal(16,2) NOT NULL DEFAULT 0,
  monthly decimal(16,2) NOT NULL DEFAULT -1, quarterly decimal(16,2) NOT NULL DEFAULT -1, semiannually decimal(16,2) NOT NULL DEFAULT -1,
  annually decimal(16,2) NOT NULL DEFAULT -1, biennially decimal(16,2) NOT NULL DEFAULT -1, triennially decimal(16,2) NOT NULL DEFAULT -1
);
CREATE TABLE tblservers (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL DEFAULT '', ipaddress varchar(255) NOT NULL DEFAULT '',
  assignedips text NOT NULL, hostname varchar(255) NOT NULL DEFAULT '', monthlycost decimal(16,2) NOT NULL DEFAULT 0.00, noc varchar(255) NOT NULL DEFAULT '',
  statusaddress varchar(255) NOT NULL DEFAULT '', nameserver1 varchar(255) NOT NULL DEFAULT '', nameserver1ip varchar(255) NOT NULL DEFAULT '',
  nameserver2 varchar(255) NOT NULL DEFAULT '', nameserver2ip varchar(255) NOT NULL DEFAULT '', nameserver3 varchar(255) NOT NULL DEFAULT '',
  nameserver3ip varchar(255) NOT NULL DEFAULT '', nameserver4 varchar(255) NOT NULL DEFAULT '', nameserver4ip varchar(255) NOT NULL DEFAULT '',
  nameserver5 varchar(255) NOT NULL DEFAULT '', nameserver5ip varchar(255) NOT NULL DEFAULT '', maxaccounts int NOT NULL DEFAULT 0,
  type varchar(64) NOT NULL DEFAULT '', username varchar(255) NOT NULL DEFAULT '', password text NOT NULL, accesshash text NOT NULL,
  secure varchar(3) NOT NULL DEFAULT '', port int NULL DEFAULT NULL, active int NOT NULL DEFAULT 0, disabled int NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY type (type)
);
CREATE TABLE tblservergroups (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL DEFAULT '', filltype int NOT NULL DEFAULT 1,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
);
CREATE TABLE tblservergroupsrel (groupid int NOT NULL, serverid int NOT NULL, KEY groupid (groupid), KEY serverid (serverid));
CREATE TABLE tblhosting (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, userid int NOT NULL DEFAULT 0, orderid int NOT NULL DEFAULT 0, packageid int NOT NULL DEFAULT 0,
  server int NOT NULL DEFAULT 0, regdate date NOT NULL DEFAULT '0000-00-00', domain varchar(255) NOT NULL DEFAULT '',
  paymentmethod varchar(64) NOT NULL DEFAULT '', qty int unsigned NOT NULL DEFAULT 1, firstpaymentamount decimal(16,2) NOT NULL DEFAULT 0.00,
  amount decimal(16,2) NOT NULL DEFAULT 0.00, billingcycle varchar(32) NOT NULL DEFAULT '', nextduedate date NULL, nextinvoicedate date NOT NULL DEFAULT '0000-00-00',
  termination_date date NOT NULL DEFAULT '0000-00-00', completed_date date NOT NULL DEFAULT '0000-00-00',
  domainstatus enum('Pending','Active','Suspended','Terminated','Cancelled','Fraud','Completed') NOT NULL DEFAULT 'Pending',
  username varchar(255) NOT NULL DEFAULT '', password text NOT NULL, notes text NOT NULL, subscriptionid varchar(255) NOT NULL DEFAULT '',
  promoid int NOT NULL DEFAULT 0, promocount int NOT NULL DEFAULT 0, suspendreason varchar(255) NOT NULL DEFAULT '', overideautosuspend tinyint NOT NULL DEFAULT 0,
  overidesuspenduntil date NOT NULL DEFAULT '0000-00-00', dedicatedip varchar(255) NOT NULL DEFAULT '', assignedips text NOT NULL,
  ns1 varchar(255) NOT NULL DEFAULT '', ns2 varchar(255) NOT NULL DEFAULT '', diskusage int NOT NULL DEFAULT 0, disklimit int NOT NULL DEFAULT 0,
  bwusage int NOT NULL DEFAULT 0, bwlimit int NOT NULL DEFAULT 0, lastupdate datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY userid (userid), KEY orderid (orderid), KEY packageid (packageid), KEY server (server), KEY domain (domain(64)), KEY domainstatus (domainstatus), KEY username (username(8))
);
CREATE TABLE tbladdons (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, packages text NOT NULL, name varchar(255) NOT NULL DEFAULT '', description text NOT NULL,
  billingcycle varchar(32) NOT NULL DEFAULT 'recurring', type varchar(32) NOT NULL DEFAULT '', module varchar(64) NOT NULL DEFAULT '',
  server_group_id int NOT NULL DEFAULT 0, autoactivate varchar(50) NOT NULL DEFAULT '', welcomeemail int NOT NULL DEFAULT 0, weight int NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
);
CREATE TABLE tblhostingaddons (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, orderid int NOT NULL DEFAULT 0, hostingid int NOT NULL DEFAULT 0, addonid int NOT NULL DEFAULT 0,
  userid int NOT NULL DEFAULT 0, server int NOT NULL DEFAULT 0, name varchar(255) NOT NULL DEFAULT '', qty int unsigned NOT NULL DEFAULT 1,
  firstpaymentamount decimal(16,2) NOT NULL DEFAULT 0.00, setupfee decimal(16,2) NOT NULL DEFAULT 0.00, recurring decimal(16,2) NOT NULL DEFAULT 0.00,
  billingcycle varchar(32) NOT NULL DEFAULT '', tax varchar(10) NOT NULL DEFAULT '',
  status enum('Pending','Active','Suspended','Terminated','Cancelled','Fraud','Completed') NOT NULL DEFAULT 'Pending',
  regdate date NOT NULL DEFAULT '0000-00-00', nextduedate date NULL, nextinvoicedate date NOT NULL DEFAULT '0000-00-00',
  termination_date date NOT NULL DEFAULT '0000-00-00', paymentmethod varchar(64) NOT NULL DEFAULT '', notes text NOT NULL, subscriptionid varchar(255) NOT NULL DEFAULT '',
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY hostingid (hostingid), KEY userid (userid)
);
CREATE TABLE tblmodule_configuration (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, entity_type varchar(8) NOT NULL DEFAULT '', entity_id int unsigned NOT NULL DEFAULT 0,
  setting_name varchar(16) NOT NULL DEFAULT '', friendly_name varchar(64) NOT NULL DEFAULT '', value text NOT NULL,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  UNIQUE KEY entity (entity_type, entity_id, setting_name)
);
CREATE TABLE tblcustomfields (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, type varchar(32) NOT NULL DEFAULT '', relid int NOT NULL DEFAULT 0, fieldname varchar(255) NOT NULL DEFAULT '',
  fieldtype varchar(32) NOT NULL DEFAULT 'text', description text NOT NULL, fieldoptions text NOT NULL, regexpr varchar(255) NOT NULL DEFAULT '',
  adminonly varchar(3) NOT NULL DEFAULT '', required varchar(3) NOT NULL DEFAULT '', showorder varchar(3) NOT NULL DEFAULT '', showinvoice varchar(3) NOT NULL DEFAULT '',
  sortorder int NOT NULL DEFAULT 0, created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY type_relid (type, relid)
);
CREATE TABLE tblcustomfieldsvalues (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, fieldid int NOT NULL, relid int NOT NULL, value text NOT NULL,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY fieldid_relid (fieldid, relid), KEY relid (relid)
);
CREATE TABLE tblproductconfiggroups (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL DEFAULT '', description text NOT NULL);
CREATE TABLE tblproductconfiglinks (gid int NOT NULL, pid int NOT NULL, KEY pid (pid));
CREATE TABLE tblproductconfigoptions (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, gid int NOT NULL DEFAULT 0, optionname varchar(255) NOT NULL DEFAULT '', optiontype varchar(10) NOT NULL DEFAULT '1',
  qtyminimum int NOT NULL DEFAULT 0, qtymaximum int NOT NULL DEFAULT 0, `order` int NOT NULL DEFAULT 0, hidden tinyint NOT NULL DEFAULT 0, KEY gid (gid)
);
CREATE TABLE tblproductconfigoptionssub (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, configid int NOT NULL DEFAULT 0, optionname varchar(255) NOT NULL DEFAULT '', sortorder int NOT NULL DEFAULT 0,
  hidden tinyint NOT NULL DEFAULT 0, KEY configid (configid)
);
CREATE TABLE tblhostingconfigoptions (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, relid int NOT NULL DEFAULT 0, configid int NOT NULL DEFAULT 0, optionid int NOT NULL DEFAULT 0, qty int NOT NULL DEFAULT 0,
  KEY relid (relid)
);
CREATE TABLE tblupgrades (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, userid int NOT NULL DEFAULT 0, orderid int NOT NULL DEFAULT 0, type varchar(32) NOT NULL DEFAULT '',
  date date NOT NULL DEFAULT '0000-00-00', relid int NOT NULL DEFAULT 0, originalvalue text NOT NULL, newvalue text NOT NULL, amount decimal(16,2) NOT NULL DEFAULT 0.00,
  recurringchange decimal(16,2) NOT NULL DEFAULT 0.00, status enum('Pending','Completed','Cancelled') NOT NULL DEFAULT 'Pending', paid enum('Y','N') NOT NULL DEFAULT 'N',
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
);
CREATE TABLE tblorders (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, ordernum varchar(32) NOT NULL DEFAULT '', userid int NOT NULL DEFAULT 0, contactid int NOT NULL DEFAULT 0,
  date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', amount decimal(16,2) NOT NULL DEFAULT 0.00, paymentmethod varchar(64) NOT NULL DEFAULT '',
  invoiceid int NOT NULL DEFAULT 0, status varchar(32) NOT NULL DEFAULT 'Pending', ipaddress varchar(64) NOT NULL DEFAULT '', notes text NOT NULL, KEY userid (userid)
);
CREATE TABLE tblinvoices (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, userid int NOT NULL DEFAULT 0, invoicenum varchar(64) NOT NULL DEFAULT '', date date NOT NULL DEFAULT '0000-00-00',
  duedate date NOT NULL DEFAULT '0000-00-00', datepaid datetime NOT NULL DEFAULT '0000-00-00 00:00:00', subtotal decimal(16,2) NOT NULL DEFAULT 0.00,
  credit decimal(16,2) NOT NULL DEFAULT 0.00, tax decimal(16,2) NOT NULL DEFAULT 0.00, total decimal(16,2) NOT NULL DEFAULT 0.00,
  status varchar(32) NOT NULL DEFAULT 'Unpaid', paymentmethod varchar(64) NOT NULL DEFAULT '', notes text NOT NULL,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', KEY userid (userid)
);
CREATE TABLE tblinvoiceitems (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, invoiceid int NOT NULL DEFAULT 0, userid int NOT NULL DEFAULT 0, type varchar(30) NOT NULL DEFAULT '',
  relid int NOT NULL DEFAULT 0, description text NOT NULL, amount decimal(16,2) NOT NULL DEFAULT 0.00, taxed tinyint NOT NULL DEFAULT 0,
  duedate date NULL, paymentmethod varchar(64) NOT NULL DEFAULT '', notes text NOT NULL, KEY invoiceid (invoiceid), KEY type_relid (type, relid)
);
CREATE TABLE tblbillableitems (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, userid int NOT NULL DEFAULT 0, description text NOT NULL, hours decimal(5,1) NOT NULL DEFAULT 0, amount decimal(16,2) NOT NULL DEFAULT 0.00,
  recur int NOT NULL DEFAULT 0, recurcycle varchar(32) NOT NULL DEFAULT '', recurfor int NOT NULL DEFAULT 0, invoiceaction int NOT NULL DEFAULT 0, duedate date NOT NULL DEFAULT '0000-00-00', invoicecount int NOT NULL DEFAULT 0
);
CREATE TABLE tblcancelrequests (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', relid int NOT NULL DEFAULT 0, reason text NOT NULL, type varchar(32) NOT NULL DEFAULT '',
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'
);
CREATE TABLE tblpaymentgateways (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, gateway varchar(64) NOT NULL DEFAULT '', setting varchar(64) NOT NULL DEFAULT '', value text NOT NULL, `order` int NOT NULL DEFAULT 0);
CREATE TABLE tbladdonmodules (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, module varchar(64) NOT NULL DEFAULT '', setting varchar(64) NOT NULL DEFAULT '', value text NOT NULL);
CREATE TABLE tblemailtemplates (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, type varchar(32) NOT NULL DEFAULT '', name varchar(255) NOT NULL DEFAULT '', subject varchar(255) NOT NULL DEFAULT '',
  message text NOT NULL, attachments text NOT NULL, fromname varchar(255) NOT NULL DEFAULT '', fromemail varchar(255) NOT NULL DEFAULT '', disabled tinyint NOT NULL DEFAULT 0,
  custom tinyint NOT NULL DEFAULT 0, language varchar(50) NOT NULL DEFAULT '', copyto varchar(255) NOT NULL DEFAULT '', blind_copy_to varchar(255) NOT NULL DEFAULT '',
  plaintext tinyint NOT NULL DEFAULT 0, created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00',
  KEY type (type), KEY name (name(64))
);
CREATE TABLE tblemails (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, userid int NOT NULL DEFAULT 0, subject text NOT NULL, message mediumtext NOT NULL, date datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `to` text NOT NULL, cc text NOT NULL, bcc text NOT NULL, attachments text NOT NULL, pending tinyint NOT NULL DEFAULT 0, failed tinyint NOT NULL DEFAULT 0, failure_reason text NOT NULL,
  KEY userid (userid)
);
CREATE TABLE tblmodulelog (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', module varchar(255) NOT NULL DEFAULT '', action varchar(255) NOT NULL DEFAULT '',
  request mediumtext NOT NULL, response mediumtext NOT NULL, arrdata mediumtext NOT NULL
);
CREATE TABLE tblactivitylog (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, date datetime NOT NULL DEFAULT '0000-00-00 00:00:00', description text NOT NULL, user varchar(255) NOT NULL DEFAULT '',
  userid int NOT NULL DEFAULT 0, user_id int NOT NULL DEFAULT 0, admin_id int NOT NULL DEFAULT 0, ipaddr varchar(64) NOT NULL DEFAULT ''
);
CREATE TABLE tblmodulequeue (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, service_type varchar(20) NOT NULL DEFAULT '', service_id int unsigned NOT NULL DEFAULT 0, module_name varchar(64) NOT NULL DEFAULT '',
  module_action varchar(64) NOT NULL DEFAULT '', last_attempt datetime NULL, last_attempt_error text NOT NULL, num_retries int unsigned NOT NULL DEFAULT 0, completed tinyint NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', KEY service_id (service_id)
);
CREATE TABLE tblusage_items (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, rel_type varchar(200) NOT NULL DEFAULT '', rel_id int unsigned NOT NULL DEFAULT 0, module_type varchar(200) NOT NULL DEFAULT '',
  module varchar(200) NOT NULL DEFAULT '', metric varchar(200) NOT NULL DEFAULT '', included decimal(19,6) NOT NULL DEFAULT 0, is_hidden tinyint NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', updated_at timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', KEY rel (rel_type(32), rel_id)
);

CREATE TABLE standin_mails (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, sent_at datetime NOT NULL, template varchar(255) NOT NULL DEFAULT '', type varchar(32) NOT NULL DEFAULT '', relid int NOT NULL DEFAULT 0,
  userid int NOT NULL DEFAULT 0, recipient varchar(255) NOT NULL DEFAULT '', subject text NOT NULL, message mediumtext NOT NULL, mergefields mediumtext NOT NULL, attachments mediumtext NOT NULL
);
CREATE TABLE standin_metrics (
  module varchar(64) NOT NULL, server int NOT NULL, tenant varchar(190) NOT NULL, metric varchar(96) NOT NULL, period varchar(10) NOT NULL,
  type varchar(16) NOT NULL, value double NOT NULL, collected_at datetime NOT NULL, PRIMARY KEY (module, server, tenant, metric, period)
);
CREATE TABLE standin_violations (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY, at datetime NOT NULL, subject varchar(255) NOT NULL, kind varchar(32) NOT NULL, message text NOT NULL, tolerated tinyint NOT NULL DEFAULT 0
);
