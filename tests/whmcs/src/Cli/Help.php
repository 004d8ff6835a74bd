<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

final class Help
{
    public const TEXT = <<<'TEXT'
        whmcs: a stand-in WHMCS host that runs server modules, unchanged and strictly.

        Usage: whmcs [--home DIR] [--modules DIR[:DIR]] COMMAND …
        Every command prints one JSON document; errors are one sentence on stderr.
        Exit codes: 0 fine, 1 the module (or the host) said no, 2 wrong usage, 3 the module broke the contract.

        GLOBAL OPTIONS
          --home DIR          where database, key and compiled templates live (WHMCS_HOME; default target/whmcs)
          --modules DIR       modules: DIR/<name>/<name>.php, DIR/servers/<name>/…, DIR/modules/servers/<name>/…, or
                              one module's own folder (WHMCS_MODULES; `up` remembers it for the home)
          --variant NAMES     dialect of $params, comma separated (WHMCS_VARIANTS): serverport-empty, serversecure-on,
                              no-clientarea-password, no-suspendreason, no-action, no-server, string-ids, entities, extra-keys
          --tolerate KINDS    kinds of violation that do not fail the call (WHMCS_TOLERATE): output, notice, warning,
                              deprecated, exception, return, exit, api, settings, hook, transaction, metrics, mail, request
          --timezone ZONE     PHP's zone (WHMCS_TIMEZONE; default UTC)   --now 'Y-m-d H:i:s'  the host's clock (not the module's)
          --sql-now SECONDS   the clock of the database stands still there, Unix seconds (WHMCS_SQL_NOW)
          --sql-mode MODES    sql_mode of the connection (WHMCS_SQL_MODE; default strict; '' for none)
          --copy              copy modules under the WHMCS root instead of linking (WHMCS_COPY_MODULES=1)
        Environment: PHP (interpreter), WHMCS_PHP_ARGS (arguments to it, one a line), WHMCS_SMARTY (smarty4 or smarty3).

        THE HOME
          up | down | reset | status         start, stop, empty the private database; reset keeps the server running
          sql STATEMENT                      as root in the database whmcs: rows, or {"affected": n}
          dump TABLE [--where SQL]           rows of a table
          mails [--service ID] [--template NAME]   mails sent, with merge fields
          modulelog | activitylog | queue | violations | hooks | modules     lists
          clear                              empties mails, logs, queue and violations
          setting NAME [VALUE]               a row of tblconfiguration
          decrypt TEXT                       plain text of an encrypted column

        FIXTURES (any other option is a column: --column value; a value @file is read from the file)
          server add --module M --ip A [--hostname H] [--port N] [--secure on] [--username U] [--password P]
                     [--access-hash TEXT|@file] [--assigned-ips "a,b"] [--active 0] [--disabled 1] [--group ID]
          server set ID … | server delete ID | server list
          servergroup add --name N
          product add --name N --module M [--option 3=any 4=10] [--type other] [--server-group ID] [--welcome-email NAME]
                     [--field 'key|Label' --field 'Secret:adminonly'] [--configurable 'download|Speed:dropdown:10|10 Mbit/s,20|20 Mbit/s']
                     [--configurable extra:quantity] [--configurable ip:yesno] [--metric NAME …] [--no-settings]
          product set ID … (saving Module Settings again when --option or --module is given)
          client add [--firstname F] [--email E] [--password P] [--language L] | client set ID …
          service add --client ID --product ID [--username U] [--password P] [--status Active] [--server ID] [--billing-cycle Annually]
                     [--next-due-date 2030-01-31] [--custom-field key=v] [--config download=20] [--count 10000 --username-pattern 'vpn{n}']
          service set ID … | service delete ID | service show ID
          addon add --service ID --module M [--option 1=x]
          template add --name N --subject S --message M [--type product]
          upgrade --service ID [--product ID] [--config name=value]     what a paid upgrade does: ChangePackage

        RUNNING MODULE FUNCTIONS
          run FUNCTION --service ID [--addon ID] [--param k=v] [--reason TEXT] [--password NEW] [--bare] [--post-field k=v]
                     lifecycle functions run with hooks, status, mails and queue; --bare only calls
          run FUNCTION --server ID                       UsageUpdate, ListAccounts, TestConnection, AdminLink, …
          run TestConnection --module M --form hostname=… ipaddress=… username=… password=… accesshash=… secure=on port=8729
          run MetaData --module M
          button FUNCTION --service ID --as admin|client allow-lists enforced
          configoptions MODULE [--no-argument] [--product ID]   the settings, checked; as on the page of a product
          loader PRODUCT FIELD                           values of a Loader (by number, key or label)
          clientarea --service ID [--get k=v] [--post-field k=v [--no-token]] [--language L] [--theme T]   the page, rendered
          params --service ID|--server ID [--function F] what a module would be given
          cron [--daily | --after-only] [--task UpdateServerUsage|CollectMetrics]
          metrics [--service ID [--refresh] | --server ID | --module M]
          serversync SERVER                              ListAccounts beside the services of that server
          check MODULE                                   the loading checks, each in its own process
          serve [--listen 127.0.0.1:0] [--workers 4] [--base billing]   the web front; prints {"url": …} and runs until SIGTERM

        EXAMPLE
          whmcs --modules modules up
          whmcs server add --module samplevpn --ip 192.0.2.1 --username api --password secret
          whmcs product add --name VPN --module samplevpn --option 1=gold
          whmcs client add --email ann@example.test --password secret
          whmcs service add --client 1 --product 1 --username ann
          whmcs run CreateAccount --service 1
          whmcs cron --daily
          whmcs down

        TEXT;
}
