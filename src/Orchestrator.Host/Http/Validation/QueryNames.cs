using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Unknown query parameters are errors, as unknown fields of bodies are.</summary>
internal static class QueryNames
{
    /// <summary>Refuses parameters that an endpoint's handler does not declare, and those that are given twice although they have one value.</summary>
    public static RouteGroupBuilder RefusesUnknownParameters(this RouteGroupBuilder group) => group.AddEndpointFilterFactory((context, next) =>
    {
        var known = context.MethodInfo.GetParameters()
            .Select(parameter => (parameter.Name, From: parameter.GetCustomAttribute<FromQueryAttribute>(), IsList: parameter.ParameterType.IsArray))
            .Where(parameter => parameter.From is not null)
            .ToDictionary(parameter => parameter.From!.Name ?? parameter.Name!, parameter => parameter.IsList, StringComparer.OrdinalIgnoreCase);
        return invocation =>
        {
            var errors = invocation.HttpContext.Request.Query
                .Select(given => Problem(given.Key, given.Value.Count, known) is { } problem ? new FieldErrorDto(given.Key, problem) : null)
                .OfType<FieldErrorDto>()
                .ToList();
            return errors.Count == 0 ? next(invocation) : ValueTask.FromResult<object?>(Problems.Invalid(errors));
        };
    });

    private static string? Problem(string name, int values, Dictionary<string, bool> known) => known.TryGetValue(name, out var isList)
        ? values > 1 && !isList ? "is given more than once" : null
        : known.Count == 0
            ? "is unknown; there are no query parameters here"
            : $"is unknown; known here: {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}";
}
