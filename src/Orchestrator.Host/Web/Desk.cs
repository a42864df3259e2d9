using Microsoft.AspNetCore.Components;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Web.Access;

namespace Orchestrator.Host.Web;

/// <summary>What an open page asks and orders, in its visitor's name.</summary>
internal sealed class Desk(Administration administration, PageVisitor visitor, NavigationManager navigation)
{
    private bool _isLeaving;

    /// <summary>Who looks at the page; null for nobody (any more).</summary>
    public Task<Caller?> Visitor(CancellationToken cancellationToken) => visitor.Current(cancellationToken);

    /// <summary>Asks or orders; who is not signed in any more is led to the page for signing in, and back afterwards.</summary>
    public async Task<Answer<T>> Ask<T>(
        Func<Administration, Caller, Task<(T? Reply, IResult? Problem)>> question, CancellationToken cancellationToken)
        where T : class
    {
        if (await visitor.Current(cancellationToken) is not { } caller)
        {
            // Once: each further time the browser would begin anew, and a slow server never get to answer it.
            if (!_isLeaving)
            {
                _isLeaving = true;
                navigation.NavigateTo(SignIn.AddressFor("/" + navigation.ToBaseRelativePath(navigation.Uri)), forceLoad: true);
            }

            return new Answer<T>(null, new ProblemDto("Signed out.", 401, "You are signed out. Sign in again.", "unauthenticated"));
        }

        var (reply, problem) = await question(administration, caller);
        return new Answer<T>(reply, problem is null ? null : Problems.Described(problem));
    }
}

/// <summary>An answer, or why there is none.</summary>
public sealed record Answer<T>(T? Value, ProblemDto? Problem)
    where T : class;
