<div class="logincontainer">
    {if $incorrect}{include file="$template/includes/alert.tpl" type="error" msg=$LANG.loginincorrect textcenter=true}{/if}
    <form method="post" action="{$WEB_ROOT}/login.php" class="login-form" role="form">
        <div class="form-group"><label for="inputEmail">{lang key='clientareaemail'}</label><input type="email" class="form-control" name="username" id="inputEmail" autofocus></div>
        <div class="form-group"><label for="inputPassword">{lang key='clientareapassword'}</label><input type="password" class="form-control" name="password" id="inputPassword"></div>
        <input type="hidden" name="goto" value="{$goto|escape}">
        <button id="login" type="submit" class="btn btn-primary">{lang key='clientareahomelogin'}</button>
    </form>
</div>
