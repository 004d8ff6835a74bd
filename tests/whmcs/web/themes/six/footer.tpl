            </div>
            {if $secondarySidebar && $secondarySidebar->hasChildren()}
            <div class="col-md-3 pull-md-left sidebar sidebar-secondary">
                {include file="$template/includes/sidebar.tpl" sidebar=$secondarySidebar}
            </div>
            {/if}
            <div class="clearfix"></div>
        </div>
    </div>
</section>
<section id="footer">
    <div class="container">{$companyname|escape}</div>
</section>
<script src="{$WEB_ROOT}/assets/bootstrap3/js/bootstrap.min.js"></script>
<script src="{$WEB_ROOT}/assets/whmcs/whmcs.js"></script>
<script src="{$WEB_ROOT}/templates/{$template}/js/theme.js"></script>
{$footeroutput}
</body>
</html>
