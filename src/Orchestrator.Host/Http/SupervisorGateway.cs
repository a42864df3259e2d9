using Akka.Actor;
using Orchestrator.Core.Topology;

namespace Orchestrator.Host.Http;

/// <summary>Asks the supervisor, wherever it runs, and turns its refusals and its silence into problem details.</summary>
internal sealed class SupervisorGateway
{
    private volatile IActorRef? proxy;

    /// <summary>Time for an answer from what the supervisor has in memory.</summary>
    public static readonly TimeSpan Quick = TimeSpan.FromSeconds(5);

    /// <summary>Time for an answer for which the supervisor has older entries read.</summary>
    public static readonly TimeSpan ReadsJournal = TimeSpan.FromSeconds(20);

    /// <summary>Time for an answer for which the supervisor first asks every node.</summary>
    public static readonly TimeSpan AsksNodes = TimeSpan.FromSeconds(30);

    /// <summary>Time for a planned step-down, which waits for a secondary to catch up.</summary>
    public static readonly TimeSpan MovesPrimary = TimeSpan.FromSeconds(60);

    /// <param name="supervisorProxy">Leads to the supervisor; keeps what it is sent while the supervisor moves.</param>
    public void Attach(IActorRef supervisorProxy) => proxy = supervisorProxy;

    /// <summary>Sends a request and translates its reply.</summary>
    public async Task<IResult> Answer<TReply>(
        ISupervisorRequest request,
        TimeSpan timeout,
        Func<TReply, IResult> translate,
        CancellationToken cancellationToken)
        where TReply : class
    {
        return await Ask<TReply>(request, timeout, cancellationToken) switch
        {
            (not null and var reply, _) => translate(reply),
            (_, var problem) => problem!,
        };
    }

    /// <summary>The same for callers that are no HTTP clients. Exactly one of the two is not null.</summary>
    public async Task<(TReply? Reply, RequestFailed? Failure)> Query<TReply>(ISupervisorRequest request, TimeSpan timeout, CancellationToken cancellationToken)
        where TReply : class
    {
        if (proxy is not { } target)
        {
            return (null, new RequestFailed(FailureCode.Unavailable, "the process is starting", ""));
        }

        try
        {
            return await target.Ask<object>(request, timeout, cancellationToken) switch
            {
                TReply expected => (expected, null),
                RequestFailed failed => (null, failed),
                var other => (null, new RequestFailed(FailureCode.Unavailable, $"the supervisor cannot answer: {other}", "")),
            };
        }
        catch (AskTimeoutException)
        {
            return (null, new RequestFailed(FailureCode.Unavailable, $"the supervisor did not answer within {timeout.TotalSeconds:0} seconds", ""));
        }
    }

    /// <summary>Exactly one of the two is not null.</summary>
    public async Task<(TReply? Reply, IResult? Problem)> Ask<TReply>(
        ISupervisorRequest request,
        TimeSpan timeout,
        CancellationToken cancellationToken)
        where TReply : class
    {
        if (proxy is not { } target)
        {
            return (null, Problems.Unavailable("The process is starting.", TimeSpan.FromSeconds(1)));
        }

        object reply;
        try
        {
            reply = await target.Ask(request, timeout, cancellationToken);
        }
        catch (AskTimeoutException)
        {
            return (null, Problems.Unavailable(
                $"The supervisor did not answer within {timeout.TotalSeconds:0} seconds: there is none at the moment, or it is moving.",
                TimeSpan.FromSeconds(2)));
        }

        return reply switch
        {
            TReply expected => (expected, null),
            RequestFailed failed => (null, Problems.From(failed)),
            Status.Failure failure => (null, Problems.Failed(failure.Cause.Message)),
            var other => throw new InvalidOperationException($"the supervisor answered {request.GetType().Name} with {other.GetType().Name}"),
        };
    }
}

/// <summary>Answers of which one part is not null, as HTTP.</summary>
internal static class Answers
{
    public static IResult AsResult<TReply>(this (TReply? Reply, IResult? Problem) answer)
        where TReply : class => answer.Reply is { } reply ? TypedResults.Ok(reply) : answer.Problem!;
}
