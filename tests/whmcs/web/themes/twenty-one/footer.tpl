            </div>
            {if $secondarySidebar && $secondarySidebar->hasChildren()}
            <div class="col-lg-4 col-xl-3 secondary-sidebar">
                {include file="$template/includes/sidebar.tpl" sidebar=$secondarySidebar}
            </div>
            {/if}
        </div>
    </div>
</section>
<footer id="footer" class="footer">
    <div class="container text-muted small">{$companyname|escape}</div>
</footer>
<script src="{$WEB_ROOT}/assets/popper/popper.min.js"></script>
<script src="{$WEB_ROOT}/assets/bootstrap/js/bootstrap.min.js"></script>
<script src="{$WEB_ROOT}/assets/whmcs/whmcs.js"></script>
<script src="{$WEB_ROOT}/templates/twenty-one/js/theme.js"></script>
{$footeroutput}
</body>
</html>
