using Akka.Actor;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http;

/// <summary>Asks the database node of this process and turns what is not an answer into a redirect or a problem.</summary>
/// <param name="hasNode">Whether this process hosts a database node.</param>
internal sealed class NodeGateway(bool hasNode)
{
    private volatile IActorRef? node;

    /// <summary>Time for an answer beyond what the request itself may wait.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <param name="nodeActor">Takes every <see cref="DataRequest"/>.</param>
    public void Attach(IActorRef nodeActor) => node = nodeActor;

    /// <summary>Sends a request and translates its reply.</summary>
    /// <param name="translate">Gives null for a reply that it does not know.</param>
    /// <param name="wait">How long the request itself may wait at the node.</param>
    public async Task<IResult> Answer(
        DataRequest request,
        HttpContext http,
        Func<DataReply, IResult?> translate,
        TimeSpan wait = default)
    {
        if (!hasNode)
        {
            return Problems.NotFound("This process hosts no database node.");
        }

        if (node is not { } target)
        {
            return Problems.Unavailable("The process is starting.", TimeSpan.FromSeconds(1));
        }

        object reply;
        try
        {
            reply = await target.Ask(request, Timeout + wait, http.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            return Problems.Unavailable("The database node did not answer in time.", TimeSpan.FromSeconds(1));
        }

        return reply switch
        {
            DataReply data => translate(data) ?? Translate(data, http),
            Status.Failure failure => Problems.Failed(failure.Cause.Message),
            _ => Unexpected(request, reply),
        };
    }

    private static IResult Translate(DataReply reply, HttpContext http) => reply switch
    {
        NotPrimary { PrimaryAddress.Length: 0 } => Problems.Unavailable(
            "The replica set has no primary now; one is appointed as soon as a majority answers.", TimeSpan.FromSeconds(1)),
        NotPrimary elsewhere => new RedirectToPrimary(elsewhere.PrimaryAddress),
        DocumentMissing missing => Problems.NotFound($"There is no document '{missing.Id}'."),
        IndexMissing missing => Problems.NotFound($"There is no index '{missing.Name}'."),
        CollectionMissing missing => Problems.NotFound($"There is no collection '{missing.Database}/{missing.Collection}'."),
        DataInvalid invalid => Problems.Invalid(invalid.Field, invalid.Message),
        DataUnavailable unavailable => Problems.Unavailable(unavailable.Reason, unavailable.RetryAfter),
        WriteNotConfirmed unconfirmed => Problems.NotConfirmed(unconfirmed.Reason),
        WriteConflict conflict => Problems.Conflict(
            conflict.PresentRev.Length == 0
                ? $"Document '{conflict.Id}' does not exist; revision '{conflict.ExpectedRev}' was expected."
                : $"Document '{conflict.Id}' has revision '{conflict.PresentRev}', not '{conflict.ExpectedRev}'.",
            conflict.PresentRev,
            IsConditional(http) ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status409Conflict),
        OrderRefused refused => Problems.From(refused.Code, refused.Reason),
        TermStale stale => Problems.TermStale(stale.PromisedTerm),
        HistoryParted parted => Problems.HistoryParted(parted.CommonSequence, parted.Term, parted.Difference),
        _ => throw new InvalidOperationException($"the node answered {http.Request.Method} {http.Request.Path} with {reply.GetType().Name}"),
    };

    private static bool IsConditional(HttpContext http) =>
        http.Request.Headers.IfMatch.Count > 0 || http.Request.Headers.IfNoneMatch.Count > 0;

    private static IResult Unexpected(object request, object reply) =>
        throw new InvalidOperationException($"the node answered {request.GetType().Name} with {reply.GetType().Name}");

    /// <summary>307 to the same target on the primary; the client sends the same method and body there.</summary>
    private sealed class RedirectToPrimary(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var target = httpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            httpContext.Response.Headers.Location = address + target;
            return Problems
                .Of(new ProblemDto("Another member is primary.", 307, $"The primary is at {address}.", "not-primary"))
                .ExecuteAsync(httpContext);
        }
    }
}
