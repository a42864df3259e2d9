using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>The server answered with an error.</summary>
internal sealed class ApiException(ProblemDto problem) : Exception(problem.Detail)
{
    public ProblemDto Problem { get; } = problem;

    /// <summary>What the server would say of a thing that is not among those it told of.</summary>
    public static ApiException NotFound(string detail) => new(new ProblemDto("Not found.", StatusCodes.Status404NotFound, detail, "not-found"));
}

/// <summary>No server answered, or not in time; the message names its address.</summary>
internal sealed class ServerUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
