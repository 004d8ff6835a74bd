<?php

declare(strict_types=1);

namespace WHMCS\Module\Server;

/** An entry of the client's Actions panel. */
class CustomAction
{
    protected $identifier;
    protected $display;
    protected $callable;
    protected $params = [];
    protected $permissions = [];
    protected $active = true;
    protected $allowSamePage = false;
    protected $preferIsolation = false;

    public static function factory($identifier, $display, $callable, $params = [], $permissions = [], $active = true, $allowSamePage = false, $preferIsolation = false)
    {
        $action = new static();
        $action->identifier = (string) $identifier;
        $action->display = (string) $display;
        $action->callable = $callable;
        $action->params = (array) $params;
        $action->permissions = (array) $permissions;
        $action->active = (bool) $active;
        $action->allowSamePage = (bool) $allowSamePage;
        $action->preferIsolation = (bool) $preferIsolation;
        return $action;
    }

    public function getIdentifier()
    {
        return $this->identifier;
    }

    public function getDisplay()
    {
        return $this->display;
    }

    public function getCallable()
    {
        return $this->callable;
    }

    public function getParams()
    {
        return $this->params;
    }

    public function getPermissions()
    {
        return $this->permissions;
    }

    public function isActive()
    {
        return $this->active;
    }
}
