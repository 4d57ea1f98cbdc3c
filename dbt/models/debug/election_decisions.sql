-- every draw behind the year's elections beside the probability it met and the timeline that followed
{{ election_timeline() }}
