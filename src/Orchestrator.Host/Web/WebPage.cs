using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using MudBlazor.Services;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Web.Access;
using Orchestrator.Host.Web.Pages;

namespace Orchestrator.Host.Web;

/// <summary>The web page at <c>/</c>: interactive components on the server, over the same <see cref="Administration"/> as the API.</summary>
internal static class WebPage
{
    /// <summary>
    /// Scripts come from this server's files only, and nothing at all from another host. Styles may stand in the page: the components set sizes and
    /// colours so, and a style runs no code.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public static void AddPage(this IServiceCollection services, HttpSettings settings)
    {
        // Keys in memory: what they protect ends with the process, and so leaves no file behind.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = FormattableString.Invariant($"orchestrator-forms-{settings.Port}");
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = false;
        });
        services.AddRazorComponents().AddInteractiveServerComponents(options => options.DisconnectedCircuitMaxRetained = 50);
        services.AddMudServices();
        services.AddSingleton<SharedReports>();
        services.AddScoped<PageVisitor>();
        services.AddScoped<Desk>();
    }

    public static void MapPage(this WebApplication app)
    {
        app.Use(SetHeaders);
        app.UseAntiforgery();
        app.Use(BeginFormAnew);
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .Add(SetRule);
        app.MapPost("/sign-out", SignOut).WithMetadata(new PageRule()).IsOpen().ExcludeFromDescription();
        app.MapGet("/runs/{run}/events.json", RunEventFile.Serve)
            .WithMetadata(new PageRule()).Needs(Permission.View, ClusterSource.Handler).ExcludeFromDescription();
        app.MapGet("/assets/{version}/{name}", PageAssets.Serve).WithMetadata(new PageRule()).IsOpen().ExcludeFromDescription();
    }

    /// <summary>Whether a person looks for a page that is not there.</summary>
    public static bool IsLost(HttpContext http) =>
        http.Response.StatusCode == StatusCodes.Status404NotFound
        && HttpMethods.IsGet(http.Request.Method)
        && http.GetEndpoint() is null
        && http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html")
        && http.RequestServices.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Desk));

    public static Task ShowNotFound(StatusCodeContext context)
    {
        // The components render nothing to an answer that is an error already, unless they know that this is meant.
        var http = context.HttpContext;
        http.Features.Set<IStatusCodeReExecuteFeature>(new StatusCodeReExecuteFeature { OriginalPath = http.Request.Path });
        (http.Request.Path, http.Request.QueryString) = (NotFound.Address, QueryString.Empty);
        return context.Next(http);
    }

    /// <summary>Everything but the page for signing in, and the one that says that there is none, is for those who have signed in.</summary>
    private static void SetRule(EndpointBuilder endpoint)
    {
        var isOpen = endpoint is RouteEndpointBuilder { RoutePattern.RawText: SignIn.Address or NotFound.Address };
        endpoint.Metadata.Add(new PageRule());
        endpoint.Metadata.Add(new AccessRule(isOpen ? Permission.None : Permission.View, ClusterSource.Handler));
    }

    private static Task SetHeaders(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<PageRule>() is not null)
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        }

        return next(http);
    }

    /// <summary>The form of a server that has started again since it was shown: the browser gets another one instead of an empty answer.</summary>
    private static Task BeginFormAnew(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path != SignIn.Address || http.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(http);
        }

        http.Response.Redirect(QueryHelpers.AddQueryString(SignIn.Address + http.Request.QueryString, SignIn.Outdated, "yes"));
        return Task.CompletedTask;
    }

    private static IResult SignOut(HttpContext http, PageSessions sessions)
    {
        sessions.End(http);
        return TypedResults.LocalRedirect(SignIn.Address);
    }
}

/// <summary>Marks what belongs to the page: who calls is known by the cookie, not by a header.</summary>
internal sealed record PageRule;
