</main>
<script src="{$WEB_ROOT}/assets/popper/popper.min.js"></script>
<script src="{$WEB_ROOT}/assets/bootstrap/js/bootstrap.min.js"></script>
{$footeroutput}
</body>
</html>
