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

    /// <summary>Who looks at the page. Who is not signed in any more (null) is led to the page for signing in, and back afterwards.</summary>
    public async Task<Caller?> Visitor(CancellationToken cancellationToken)
    {
        var caller = await visitor.Current(cancellationToken);

        // Once: each further time the browser would begin anew, and a slow server never get to answer it.
        if (caller is null && !_isLeaving)
        {
            _isLeaving = true;
            navigation.NavigateTo(SignIn.AddressFor("/" + navigation.ToBaseRelativePath(navigation.Uri)), forceLoad: true);
        }

        return caller;
    }

    /// <summary>Asks or orders in the <see cref="Visitor"/>'s name; nobody's question is answered as signed out.</summary>
    public async Task<Answer<T>> Ask<T>(
        Func<Administration, Caller, Task<(T? Reply, IResult? Problem)>> question, CancellationToken cancellationToken)
        where T : class
    {
        if (await Visitor(cancellationToken) is not { } caller)
        {
            return new Answer<T>(null, new ProblemDto("Signed out.", 401, "You are signed out. Sign in again.", "unauthenticated"));
        }

        var (reply, problem) = await question(administration, caller);
        return new Answer<T>(reply, problem is null ? null : Problems.Described(problem));
    }
}

/// <summary>An answer, or why there is none.</summary>
public sealed record Answer<T>(T? Value, ProblemDto? Problem)
    where T : class;
