<div class="row justify-content-center"><div class="col-md-6 col-lg-4">
    <form method="post" action="{$WEB_ROOT}/admin/login.php" class="card card-body">
        <input type="hidden" name="token" value="{$token}">
        {if $incorrect}<div class="alert alert-danger">Username or password is wrong.</div>{/if}
        <div class="form-group"><label for="username">Username</label><input class="form-control" id="username" name="username" autofocus></div>
        <div class="form-group"><label for="password">Password</label><input class="form-control" id="password" name="password" type="password"></div>
        <button class="btn btn-primary" id="login">Log in</button>
    </form>
</div></div>
