using Microsoft.AspNetCore.Components.Authorization;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Web.Access;

/// <summary>Who looks at one open page. Asked before every question and order: who has signed out elsewhere gets no answer any more.</summary>
internal sealed class PageVisitor(AuthenticationStateProvider state, PageSessions sessions)
{
    public async Task<Caller?> Current(CancellationToken cancellationToken)
    {
        var user = (await state.GetAuthenticationStateAsync()).User;
        return await sessions.Find(user.FindFirst(PageSessions.Claim)?.Value ?? "", cancellationToken);
    }
}
