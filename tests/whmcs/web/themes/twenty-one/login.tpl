<div class="row justify-content-center">
    <div class="col-md-7 col-lg-5">
        <form method="post" action="{$WEB_ROOT}/login.php" class="login-form card mt-4" role="form">
            <div class="card-body">
                <h1 class="h4 mb-3">{lang key='clientareahomelogin'}</h1>
                {if $incorrect}{include file="$template/includes/alert.tpl" type="error" msg=$LANG.loginincorrect textcenter=true}{/if}
                <div class="form-group"><label for="inputEmail">{lang key='clientareaemail'}</label><input type="email" class="form-control" name="username" id="inputEmail" autofocus></div>
                <div class="form-group"><label for="inputPassword">{lang key='clientareapassword'}</label><input type="password" class="form-control" name="password" id="inputPassword"></div>
                <input type="hidden" name="goto" value="{$goto|escape}">
                <button id="login" type="submit" class="btn btn-primary btn-block">{lang key='clientareahomelogin'}</button>
            </div>
        </form>
    </div>
</div>
